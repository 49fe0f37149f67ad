package dev.backfill.testkit;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * What every source must do while the data behind it does not change. Extend it, say what yours reads, and run it as a JUnit test.
 *
 * <p>Two methods are enough. Each of the others that is overridden lets more be checked; what is not is left out, and JUnit says so.
 *
 * @param <T> the type of the records
 */
public abstract class SourceContract<T> {

    private static final int LARGE_CURSOR = 16_384;

    /** For subclasses. */
    protected SourceContract() {}

    /** The source, over data that fill several pages; each call gives another object, as another process would have. */
    protected abstract Source<T> source() throws Exception;

    /** All records that it must give; in any order, repeats allowed. */
    protected abstract List<T> expected() throws Exception;

    /** The source, over no data at all. */
    protected Source<T> empty() throws Exception {
        return abort("not checked: override empty() with your source over no data, to see that it ends");
    }

    /** The source, while its other side cannot be reached: nobody listens at its address. */
    protected Source<T> broken() throws Exception {
        return abort(
                "not checked: override broken() with your source at an address where nobody listens, to see that it fails");
    }

    /** The tokens and passwords with which {@link #source} and {@link #broken} are made, to be looked for where they must not be. */
    protected List<String> secrets() {
        return List.of();
    }

    private Reading<T> reading() throws Exception {
        return Reading.of(source());
    }

    /** From the start to the end, every record comes. */
    @Test
    void givesEveryRecord() throws Exception {
        reading().gives(expected());
    }

    /** And no other. */
    @Test
    void givesNothingElse() throws Exception {
        reading().givesNothingBut(expected());
    }

    /** It reads page by page: no page holds all there is. */
    @Test
    void readsPageByPage() throws Exception {
        Reading<T> all = reading();
        Lesson.unless(
                all.pages().size() > 2 && all.largest() < expected().size(),
                "all " + expected().size() + " records came in " + all.pages().size() + " pages, of at most "
                        + all.largest(),
                "if one page holds all there is, memory grows with the source without a bound, and a crash begins again from nothing;"
                        + " and with less than three pages this contract proves little",
                "read page by page; and give the source of this contract data for at least three");
    }

    /** No two pages have the same cursor: a source that comes back never ends. */
    @Test
    void neverComesBack() throws Exception {
        reading(); // which looks at each cursor
    }

    /** From every position, as stored and read by another process, the same page comes. */
    @Test
    void goesOnFromEveryPosition() throws Exception {
        Reading<T> all = reading();
        // the start last: it may end what was begun before, such as an export into a file
        for (int i = all.cursors().size() - 1; i >= 0; i--) {
            Cursor from = all.cursors().get(i);
            same(
                    from,
                    all.pages().get(i).items(),
                    Reading.page(source(), from).items(),
                    "another object, as the next process has it");
        }
    }

    /** From the middle, another object comes to the end with all that is left. */
    @Test
    void givesTheRestFromTheMiddle() throws Exception {
        Reading<T> all = reading();
        int middle = all.cursors().size() / 2;
        List<T> rest = new ArrayList<>();
        all.pages().subList(middle, all.pages().size()).forEach(page -> rest.addAll(page.items()));
        Reading.of(source(), all.cursors().get(middle)).gives(rest);
    }

    /** The same cursor gives the same page, however often and in whatever order it is asked for. */
    @Test
    void keepsNoState() throws Exception {
        Source<T> source = source();
        Reading<T> all = Reading.of(source);
        for (int i = all.cursors().size() - 1; i >= 0; i--) {
            Cursor from = all.cursors().get(i);
            same(
                    from,
                    all.pages().get(i).items(),
                    Reading.page(source, from).items(),
                    "the same object, after later pages");
        }
    }

    /** It does not matter which thread reads. */
    @Test
    void isReadByAnyThread() throws Exception {
        Source<T> source = source();
        Reading<T> all = Elsewhere.inAnotherThread(() -> Reading.of(source));
        for (int i = all.cursors().size() - 1; i >= 0; i--) {
            Cursor from = all.cursors().get(i);
            List<T> items =
                    Elsewhere.inAnotherThread(() -> Reading.page(source, from).items());
            same(from, all.pages().get(i).items(), items, "another thread");
        }
    }

    private static void same(Cursor from, List<?> first, List<?> second, String reader) {
        Lesson.unless(
                first.equals(second),
                "there is a state in the source: the page at " + from + ", read again by " + reader + ", has "
                        + second.size() + " records (" + Lesson.some(second) + ") and had " + first.size() + " ("
                        + Lesson.some(first) + ")",
                "after a crash or a failure the runner reads from an older cursor, in another process; what the source has kept"
                        + " in memory is gone or ahead, and records are lost or come twice",
                "let read(from) depend on the cursor alone, and put into the cursor whatever the next call needs");
    }

    /** A source that is killed and goes on, in a whole pipeline, brings the same records. */
    @Test
    void survivesEveryCrash() throws Exception {
        int pages = reading().pages().size();
        Killing.explained(() -> CrashSweep.of(() -> Killing.scenario(this::pipeline))
                .with(World.Fault.CRASH_BEFORE, World.Fault.CRASH_AFTER, World.Fault.FAIL_BEFORE)
                .every(1 + pages / 4)
                .run());
    }

    private PipelineContract.Pipeline pipeline(World world) throws Exception {
        Source<T> source = source();
        Set<T> arrived = new HashSet<>();
        Checkpoint progress = world.checkpoint(new MemoryCheckpoint());
        return new PipelineContract.Pipeline(
                () -> Backfill.named("contract")
                        .from(world.source(source))
                        .into(world.sink(arrived::addAll))
                        .checkpoint(progress),
                () -> Set.copyOf(arrived));
    }

    /** Interrupted, it stops or goes on, and does not forget that it was interrupted; then it can be read again. */
    @Test
    void honoursAnInterrupt() throws Exception {
        Source<T> source = source();
        List<T> first = Reading.page(source, Cursor.START).items();
        Optional<String> swallowed = Elsewhere.whatBecomesOfAnInterrupt(() -> source.read(Cursor.START));
        Lesson.unless(
                swallowed.isEmpty(),
                "an interrupt is swallowed: the source was interrupted while it read, " + swallowed.orElse("")
                        + ", and nobody can see it",
                "an interrupt is how a run is stopped; one that is swallowed lets it hang until it is killed",
                "let InterruptedException through, or set the flag again with Thread.currentThread().interrupt()");
        same(Cursor.START, first, Reading.page(source, Cursor.START).items(), "the same object, after an interrupt");
    }

    /** Records that were given stay as they are. */
    @Test
    void doesNotReuseItsRecords() throws Exception {
        Reading<T> all = reading();
        for (int i = 0; i < all.pages().size(); i++) {
            String now = all.pages().get(i).items().toString();
            Lesson.unless(
                    now.equals(all.looks().get(i)),
                    "records change after they were given: "
                            + Lesson.cut(all.looks().get(i)) + " became " + Lesson.cut(now),
                    "pages are read ahead while others are written, so the sink would write later records in the place of earlier ones",
                    "make a new record for each, best an immutable one");
        }
    }

    /** What it has given is not kept: memory is bounded by a page. */
    @Test
    void keepsNothingOfWhatItGave() throws Exception {
        Source<T> source = source();
        try {
            Kept kept = new Kept();
            int page = reads(source, kept::known);
            reads(source, kept::given);
            int alive = kept.alive();
            Lesson.unless(
                    alive <= 2 * page,
                    "memory grows without a bound: the source still holds " + alive
                            + " of the records that it gave, and a page has " + page,
                    "a backfill reads millions, and the process would die of it in its third hour",
                    "keep nothing of a page once it is given; what must be remembered belongs into the cursor or the sink");
        } finally {
            Reference.reachabilityFence(source);
        }
    }

    /** Reads to the end and holds on to nothing; gives the size of the largest page. */
    private static <T> int reads(Source<T> source, Consumer<Collection<T>> use) throws Exception {
        int largest = 0;
        Set<Cursor> seen = new HashSet<>();
        Optional<Cursor> at = Optional.of(Cursor.START);
        while (at.isPresent()) {
            Reading.unseen(at.get(), seen);
            Page<T> page = Reading.page(source, at.get());
            use.accept(page.items());
            largest = Math.max(largest, page.items().size());
            at = page.next();
        }
        return largest;
    }

    /** A cursor is a position, not a bag. */
    @Test
    void keepsItsCursorsSmall() throws Exception {
        List<Cursor> cursors = reading().cursors();
        int early = cursors.get(Math.min(1, cursors.size() - 1)).json().length();
        int last = cursors.get(cursors.size() - 1).json().length();
        int largest = cursors.stream().mapToInt(it -> it.json().length()).max().orElse(0);
        Lesson.unless(
                largest <= LARGE_CURSOR && (last <= 1_000 || last <= 2 * early),
                "the cursor grows with what was read: it has " + early + " characters at first, " + last
                        + " at the end and " + largest + " at most",
                "it is stored after every batch, and in millions of records what is gathered in it has no bound",
                "keep a position in it: a number, a key, a token, or a few of these");
    }

    /** What is not a cursor of this source is not taken for its start. */
    @Test
    void refusesACursorThatIsNotItsOwn() throws Exception {
        Source<T> source = source();
        List<T> first = Reading.page(source, Cursor.START).items();
        Page<T> page;
        try {
            page = source.read(Cursor.of(List.of(true, List.of())));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return; // as it should
        }
        Lesson.unless(
                !page.items().equals(first),
                "a cursor that this source never gave is taken for the start",
                "a job that finds progress of another kind would begin again from nothing, and nobody would know",
                "read the cursor with from.orElse(first) or from.as(type), which refuse another shape");
    }

    /** The machine's time zone changes nothing. */
    @Test
    @ResourceLock(Resources.TIME_ZONE)
    void doesNotDependOnTheTimeZone() throws Exception {
        Set<T> here = new HashSet<>(expected());
        for (String zone : List.of("Pacific/Kiritimati", "Pacific/Pago_Pago")) {
            Set<T> there =
                    new HashSet<>(Elsewhere.inTimeZone(zone, this::reading).records());
            Lesson.unless(
                    there.equals(here),
                    "a time zone slip: on a machine in " + zone + " the source gives " + there.size()
                            + " records and should give " + here.size(),
                    "the same job on another server would read other days, and lose what lies at their edges",
                    "use the zone that the other side counts in, or instants, and never the machine's");
        }
    }

    /** The machine's language changes nothing. */
    @Test
    @ResourceLock(Resources.LOCALE)
    void doesNotDependOnTheLanguage() throws Exception {
        Set<T> here = new HashSet<>(expected());
        for (String language : List.of("ar-EG-u-nu-arab", "tr-TR")) {
            Set<T> there =
                    new HashSet<>(Elsewhere.inLanguage(language, this::reading).records());
            Lesson.unless(
                    there.equals(here),
                    "on a machine whose language is " + language + " the source gives other records, " + there.size()
                            + " for " + here.size(),
                    "there, numbers are printed with other digits and the letter I has no capital that you know",
                    "give Locale.ROOT to format, toLowerCase and toUpperCase");
        }
    }

    /** If it tells a total, it is that of its records. */
    @Test
    void tellsTheRightTotal() throws Exception {
        int records = new HashSet<>(expected()).size();
        for (Page<T> page : reading().pages()) {
            OptionalLong total = page.total();
            Lesson.unless(
                    total.isEmpty() || total.getAsLong() == records,
                    "a page tells a total of " + total + " records, and there are " + records,
                    "progress and its end are reckoned from it, and people wait for them",
                    "tell how many records the whole partition has, or nothing");
        }
    }

    /** If it names a limiter, it asks it. */
    @Test
    void asksItsLimiter() throws Exception {
        Source<T> source = source();
        assumeTrue(source.limiter().isPresent(), "not checked: the source names no limiter");
        long before = source.limiter().orElseThrow().usage().calls();
        Reading.of(source);
        Lesson.unless(
                source.limiter().orElseThrow().usage().calls() > before,
                "the limiter that the source names was not asked for a single call",
                "the other side's limit is then exceeded, and the report says that all is well",
                "acquire a call before each request, and close it when the answer is there; or use source.limitedBy(limiter)");
    }

    /** What it says of itself is the same in every process. */
    @Test
    void saysTheSameOfItself() throws Exception {
        Source<T> source = source();
        String definition = source.definition();
        Reading.of(source);
        String another = source().definition();
        Lesson.unless(
                definition.equals(another) && definition.equals(source.definition()),
                "the source defines itself as '" + Lesson.cut(definition) + "' and then as '" + Lesson.cut(another)
                        + "'",
                "a job whose definition has changed is not resumed",
                "leave out what may change freely: ends of ranges, times, ports, identities of objects");
    }

    /** Over no data it ends, without a record. */
    @Test
    void endsWhereNothingIs() throws Exception {
        Reading<T> nothing = Reading.of(empty());
        Lesson.unless(
                nothing.records().isEmpty(),
                "over no data the source gives " + Lesson.some(nothing.records()),
                "records that nobody has would be written",
                "give Page.last(List.of())");
    }

    /** When the other side fails, so does the source. */
    @Test
    void failsWhenTheOtherSideFails() throws Exception {
        Failing.source(broken(), reading().cursors());
    }

    /** A failure that may pass is tried again. */
    @Test
    void saysThatAFailureMayPass() throws Exception {
        Failing.mayPass(Failing.source(broken(), List.of(Cursor.START)));
    }

    /** Its secrets stand in nothing that it says of itself. */
    @Test
    void keepsItsSecrets() throws Exception {
        Secrets secrets = new Secrets(secrets());
        Source<T> source = source();
        secrets.notIn("toString", source.toString());
        secrets.notIn("the definition", source.definition());
    }

    /** Its secrets stand in no cursor. */
    @Test
    void keepsItsSecretsOutOfCursors() throws Exception {
        Secrets secrets = new Secrets(secrets());
        for (Cursor cursor : reading().cursors()) {
            secrets.notIn("a cursor", cursor.json());
        }
    }

    /** Its secrets stand in no failure. */
    @Test
    void keepsItsSecretsOutOfFailures() throws Exception {
        Secrets secrets = new Secrets(secrets());
        secrets.notIn(Failing.source(broken(), List.of(Cursor.START)));
    }
}
