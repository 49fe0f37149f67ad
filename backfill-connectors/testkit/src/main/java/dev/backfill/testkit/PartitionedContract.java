package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * What every source in several parts must do while the data behind it does not change: windows, months, ranges of keys. Extend it, say what
 * yours reads, and run it as a JUnit test. Two methods are enough.
 *
 * <p>A part is a source of its own: let one of them be checked by a {@link SourceContract} too.
 *
 * @param <T> the type of the records
 */
public abstract class PartitionedContract<T> {

    /** For subclasses. */
    protected PartitionedContract() {}

    /** The source, over data that fill several parts; each call gives another object, as another process would have. */
    protected abstract Partitioned<T> source() throws Exception;

    /** All records that its parts must give together; in any order, repeats allowed. */
    protected abstract List<T> expected() throws Exception;

    /** The tokens and passwords with which {@link #source} is made, to be looked for where they must not be. */
    protected List<String> secrets() {
        return List.of();
    }

    private static List<String> names(List<? extends Partition<?>> parts) {
        return parts.stream().map(Partition::name).toList();
    }

    private Map<String, Reading<T>> reading() throws Exception {
        Map<String, Reading<T>> parts = new LinkedHashMap<>();
        for (Partition<T> part : source().partitions()) {
            parts.put(part.name(), Reading.of(part.source()));
        }
        return parts;
    }

    private static <T> Reading<T> together(Map<String, Reading<T>> parts) {
        Reading<T> all = new Reading<>(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        parts.values().forEach(part -> {
            all.cursors().add(Cursor.START); // where one part ends and the next begins, no offset moves on
            all.pages().addAll(part.pages());
        });
        return all;
    }

    /** A part by its name, in another object. */
    private Partition<T> found(String name) throws Exception {
        for (Partition<T> part : source().partitions(List.of(name))) {
            if (part.name().equals(name)) {
                return part;
            }
        }
        throw otherNames(List.of(name), names(source().partitions()));
    }

    private static Lesson otherNames(List<String> before, List<String> after) {
        return new Lesson(
                "the names of the partitions are not the same in every run: they were " + Lesson.some(before)
                        + " and are now " + Lesson.some(after),
                "progress is kept under the name; a part that has another one is read from its start, and the old one is"
                        + " reported as missing, so the job never ends",
                "name a part by what it holds, such as its first day or key: never by a counter, a clock, chance or its end");
    }

    /** All parts together give every record. */
    @Test
    void givesEveryRecord() throws Exception {
        Set<T> missing = new LinkedHashSet<>(expected());
        missing.removeAll(new HashSet<>(together(reading()).records()));
        Lesson.unless(
                missing.isEmpty(),
                missing.size() + " of " + expected().size() + " records are lost, in no part is "
                        + Lesson.some(missing),
                "every part would be done and the job COMPLETE without them, and nobody would know",
                "look at the edges: does each part end where the next begins, to the same instant and in the zone in which the"
                        + " other side counts? And is a short page in a part taken for its end?");
    }

    /** And no other. */
    @Test
    void givesNothingElse() throws Exception {
        together(reading()).givesNothingBut(expected());
    }

    /** There are several parts, and several with records, or this proves little. */
    @Test
    void hasSeveralParts() throws Exception {
        Map<String, Reading<T>> parts = reading();
        long filled = parts.values().stream()
                .filter(part -> !part.records().isEmpty())
                .count();
        Lesson.unless(
                filled > 1,
                "of " + parts.size() + " parts " + filled + " have records",
                "with less than two, nothing that is between parts is checked",
                "give the source of this contract data for several parts; or is it cut at the wrong places?");
    }

    /** Every run, on every machine, gives the same names. */
    @Test
    void namesItsPartsTheSameInEveryRun() throws Exception {
        Partitioned<T> source = source();
        List<String> names = names(source.partitions());
        for (List<String> again : List.of(names(source.partitions()), names(source().partitions()))) {
            if (!Set.copyOf(names).equals(Set.copyOf(again))) {
                throw otherNames(names, again);
            }
        }
    }

    /** No two parts have the same name. */
    @Test
    void namesEachPartByItself() throws Exception {
        List<String> names = names(source().partitions());
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            Lesson.unless(
                    seen.add(name),
                    "two partitions are called '" + name + "'",
                    "progress is kept under the name, so one of them would be believed to be done when the other is",
                    "put into the name what tells the parts apart");
        }
    }

    /** What a run has begun, the next one finds. */
    @Test
    void findsItsPartsAgain() throws Exception {
        List<String> known = names(source().partitions());
        List<String> again = names(source().partitions(known));
        if (!again.containsAll(known)) {
            throw otherNames(known, again);
        }
    }

    /** In each part, from every position, another object gives the same page. */
    @Test
    void goesOnInEveryPart() throws Exception {
        for (Map.Entry<String, Reading<T>> part : reading().entrySet()) {
            Reading<T> all = part.getValue();
            for (int i = all.cursors().size() - 1; i >= 0; i--) {
                Cursor from = all.cursors().get(i);
                same(
                        part.getKey(),
                        from,
                        all.pages().get(i).items(),
                        Reading.page(found(part.getKey()).source(), from).items());
            }
        }
    }

    /** Reading one part changes nothing in another. */
    @Test
    void keepsItsPartsApart() throws Exception {
        List<Partition<T>> parts = source().partitions();
        List<Reading<T>> first = new ArrayList<>();
        for (Partition<T> part : parts) {
            first.add(Reading.of(part.source()));
        }
        for (int i = parts.size() - 1; i >= 0; i--) {
            Partition<T> part = parts.get(i);
            Reading<T> all = first.get(i);
            int middle = all.cursors().size() / 2;
            Cursor from = all.cursors().get(middle);
            same(
                    part.name(),
                    from,
                    all.pages().get(middle).items(),
                    Reading.page(part.source(), from).items());
        }
    }

    /** Several threads read several parts at once. */
    @Test
    void isReadByManyThreads() throws Exception {
        Map<String, Reading<T>> alone = reading();
        List<FutureTask<Boolean>> reading = new ArrayList<>();
        for (Partition<T> part : source().partitions()) {
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                Reading<T> all = alone.get(part.name());
                List<T> records = Reading.of(part.source()).records();
                same(part.name(), Cursor.START, all == null ? List.of() : all.records(), records);
                return true;
            });
            reading.add(task);
            Thread thread = new Thread(task, "reads " + part.name());
            thread.setDaemon(true);
            thread.start();
        }
        for (FutureTask<Boolean> task : reading) {
            Elsewhere.result(task);
        }
    }

    private static void same(String part, Cursor from, List<?> first, List<?> second) {
        Lesson.unless(
                first.equals(second),
                "there is a state between the parts: '" + part + "' from " + from
                        + ", read again, by another object or beside others,"
                        + " has " + second.size() + " records (" + Lesson.some(second) + ") and had " + first.size()
                        + " ("
                        + Lesson.some(first) + ")",
                "parts are read side by side, in any order, and after a crash by another process",
                "let what a part reads depend on its name and the cursor alone");
    }

    /** A record is in one part only, unless the source says that parts overlap. */
    @Test
    void saysWhetherItsPartsOverlap() throws Exception {
        Map<T, String> place = new LinkedHashMap<>();
        boolean overlapping = source().overlapping();
        for (Map.Entry<String, Reading<T>> part : reading().entrySet()) {
            for (T record : new HashSet<>(part.getValue().records())) {
                String other = place.put(record, part.getKey());
                Lesson.unless(
                        other == null || overlapping,
                        "a record is in two parts, '" + other + "' and '" + part.getKey() + "': " + Lesson.cut(record),
                        "parts are written side by side, so an older version could replace a newer one",
                        "cut the parts so that each record is in one (from included, to excluded), or let overlapping() be true");
            }
        }
    }

    /** A part whose end may move can be read from there. */
    @Test
    void readsOnFromTheEndOfAPart() throws Exception {
        for (Partition<T> part : source().partitions()) {
            if (part.end().isPresent()) {
                Reading.of(part.source(), part.end().get()).givesNothingBut(expected());
            }
        }
    }

    /** A part that still grows says where it is read again. */
    @Test
    void saysWhereAnOpenPartIsReadAgain() throws Exception {
        for (Partition<T> part : source().partitions()) {
            Lesson.unless(
                    !part.open() || part.end().isPresent(),
                    "the partition '" + part.name() + "' is open and does not say where it is read again",
                    "the next run would go on behind its last page and miss what came before that meanwhile",
                    "make it with openAt(…)");
        }
    }

    /** The machine's time zone changes nothing. */
    @Test
    @ResourceLock(Resources.TIME_ZONE)
    void doesNotDependOnTheTimeZone() throws Exception {
        Map<String, Reading<T>> here = reading();
        for (String zone : List.of("Pacific/Kiritimati", "Pacific/Pago_Pago")) {
            Map<String, Reading<T>> there = Elsewhere.inTimeZone(zone, this::reading);
            Lesson.unless(
                    there.keySet().equals(here.keySet()),
                    "a time zone slip: on a machine in " + zone + " the partitions are called "
                            + Lesson.some(there.keySet()) + " and here " + Lesson.some(here.keySet()),
                    "the same job on another server would begin again under other names",
                    "use the zone that the other side counts in, or instants, and never the machine's");
            for (Map.Entry<String, Reading<T>> part : there.entrySet()) {
                Set<T> abroad = new HashSet<>(part.getValue().records());
                Reading<T> home = here.getOrDefault(part.getKey(), part.getValue());
                Lesson.unless(
                        abroad.equals(new HashSet<>(home.records())),
                        "a time zone slip: on a machine in " + zone + " the partition '" + part.getKey() + "' has "
                                + abroad.size() + " records, and here it has others, "
                                + home.records().size(),
                        "a job that goes on on another server reads other hours of each day, and loses what lies at the edges",
                        "use the zone that the other side counts in, or instants, and never the machine's");
            }
        }
    }

    /** The machine's language changes nothing. */
    @Test
    @ResourceLock(Resources.LOCALE)
    void doesNotDependOnTheLanguage() throws Exception {
        Map<String, Reading<T>> here = reading();
        for (String language : List.of("ar-EG-u-nu-arab", "tr-TR")) {
            Map<String, Reading<T>> there = Elsewhere.inLanguage(language, this::reading);
            Lesson.unless(
                    there.keySet().equals(here.keySet())
                            && together(there).records().equals(together(here).records()),
                    "on a machine whose language is " + language + " the partitions are " + Lesson.some(there.keySet())
                            + " with " + together(there).records().size() + " records, and here "
                            + Lesson.some(here.keySet())
                            + " with " + together(here).records().size(),
                    "there, numbers and dates are printed with other digits and the letter I has no capital that you know",
                    "give Locale.ROOT to format, toLowerCase and toUpperCase");
        }
    }

    /** What it says of itself is the same in every process, and does not name what may grow. */
    @Test
    void saysTheSameOfItself() throws Exception {
        String definition = source().definition();
        String another = source().definition();
        Lesson.unless(
                definition.equals(another),
                "the source defines itself as '" + Lesson.cut(definition) + "' and then as '" + Lesson.cut(another)
                        + "'",
                "a job whose definition has changed is not resumed",
                "leave out what may change freely: ends of ranges, times, ports, identities of objects");
    }

    /** Its secrets stand in nothing that it says of itself, and in no name. */
    @Test
    void keepsItsSecrets() throws Exception {
        Secrets secrets = new Secrets(secrets());
        Partitioned<T> source = source();
        secrets.notIn("toString", source.toString());
        secrets.notIn("the definition", source.definition());
        for (Partition<T> part : source.partitions()) {
            secrets.notIn("the name of a partition", part.name());
            secrets.notIn("a partition's toString", part.source().toString());
        }
    }

    /** Killed and going on, in a whole pipeline with parts side by side, it brings the same records. */
    @Test
    void survivesEveryCrash() throws Exception {
        int pages = together(reading()).pages().size();
        Killing.explained(() -> CrashSweep.of(() -> Killing.scenario(this::pipeline))
                .with(World.Fault.CRASH_BEFORE, World.Fault.CRASH_AFTER, World.Fault.FAIL_BEFORE)
                .every(1 + pages / 3)
                .run());
    }

    private PipelineContract.Pipeline pipeline(World world) throws Exception {
        Partitioned<T> source = source();
        Set<T> arrived = new HashSet<>();
        Checkpoint progress = world.checkpoint(new MemoryCheckpoint());
        return new PipelineContract.Pipeline(
                () -> Backfill.named("contract")
                        .from(world.partitioned(source))
                        .into(world.sink(arrived::addAll))
                        .parallel(3)
                        .checkpoint(progress),
                () -> Set.copyOf(arrived));
    }
}
