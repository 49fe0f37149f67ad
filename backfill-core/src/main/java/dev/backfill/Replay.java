package dev.backfill;

import dev.backfill.internal.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes dead letters again: reads their pages, runs the steps, writes the records with their keys. */
final class Replay {

    private final Job job;
    private final Ports ports = Ports.current();
    private final Retrying retrying;

    private final List<String> notes = new ArrayList<>();
    private long written;
    private long gone;
    private long again;

    Replay(Job job) {
        this.job = job;
        this.retrying = new Retrying(ports.time(), job.patience);
    }

    private record Place(String phase, String partition, Cursor page) {}

    Report run() {
        long begun = ports.time().nanos();
        return Claims.with(job, claim -> {
            claim.definition().ifPresent(before -> Definition.check(job.name(), before, job.definition()));
            Map<Place, List<DeadLetter>> places = new LinkedHashMap<>();
            for (DeadLetter letter : claim.deadLetters()) {
                places.computeIfAbsent(
                                new Place(letter.phase(), letter.partition(), letter.page()),
                                place -> new ArrayList<>())
                        .add(letter);
            }
            Set<List<String>> done = claim.load().stream()
                    .filter(Bookmark::done)
                    .map(bookmark -> List.of(bookmark.phase(), bookmark.partition()))
                    .collect(Collectors.toSet());
            for (Map.Entry<Place, List<DeadLetter>> entry : places.entrySet()) {
                Place place = entry.getKey();
                boolean ended = done.contains(List.of(place.phase(), place.partition()));
                page(claim, stage(place.phase()), place, entry.getValue(), ended);
            }
            Counts counts =
                    new Counts(written + gone + again, gone, 0, written + again, written + again, written, 0, 0, again);
            Report.Part part = new Report.Part("replay", "all", Report.State.DONE, counts, Optional.empty());
            return new Report(
                    job.name(),
                    claim.run(),
                    Report.Status.COMPLETE,
                    List.of(part),
                    claim.deadLetters().size(),
                    Duration.ofNanos(ports.time().nanos() - begun),
                    Optional.empty(),
                    OptionalInt.empty(),
                    notes,
                    1);
        });
    }

    private Stage<?, ?> stage(String phase) {
        return job.stages.stream()
                .filter(stage -> stage.phase().equals(phase))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there are dead letters of a phase '" + phase
                        + "' that the job no longer has; bring it back, or forget them with startOver()"));
    }

    private <T, R> void page(Claim claim, Stage<T, R> stage, Place place, List<DeadLetter> letters, boolean ended)
            throws Exception {
        Partition<T> partition = stage.partition(place.partition());
        Page<T> page;
        try {
            page = retrying.call(() -> partition.source().read(place.page()), Replay::quietly);
        } catch (ExpiredCursorException e) {
            notes.add(letters.size() + " dead letters of " + place.phase() + "/" + place.partition()
                    + " stay, since their page can no longer be read (" + e.getMessage()
                    + "); again() reads everything anew");
            again += letters.size();
            return;
        }
        Steps.Made<R> made =
                retrying.call(() -> stage.steps().apply(page.items(), (records, why) -> {}), Replay::quietly);
        List<DeadLetter> still = new ArrayList<>();
        List<DeadLetter> settled = new ArrayList<>();
        int missing = 0;
        for (DeadLetter letter : letters) {
            List<Integer> places = places(stage, made, letter);
            List<R> records = places.stream().map(made.records()::get).toList();
            if (records.isEmpty() && !stepFails(made, letter) && !isGone(stage, place, page, letter)) {
                still.add(again(letter, letter.reason()));
                missing++;
                continue;
            }
            Optional<String> refused = stepFails(made, letter)
                    ? Optional.of(letter.reason())
                    : write(
                            stage,
                            Batch.replayed(
                                    records,
                                    place.phase(),
                                    place.partition(),
                                    place.page(),
                                    places.isEmpty() ? 0 : places.get(0),
                                    ended || partition.open()));
            if (refused.isPresent()) {
                still.add(again(letter, refused.get()));
                continue;
            }
            settled.add(letter);
            if (records.isEmpty()) {
                gone++;
            } else {
                written++;
            }
        }
        if (missing > 0) {
            notes.add(missing + " dead letters of " + place.phase() + "/" + place.partition() + " at " + place.page()
                    + " stay, since their records are no longer on that page and may be on another; again() reads"
                    + " everything anew");
        }
        again += still.size();
        claim.save(new Save(List.of(), still));
        claim.forget(settled);
    }

    /**
     * Whether a record of which nothing was found is certainly no longer there: its page is all that the partition has, or the steps now
     * make nothing of it. Otherwise it may only have moved to another page.
     */
    private static boolean isGone(Stage<?, ?> stage, Place place, Page<?> page, DeadLetter letter) {
        boolean whole = place.page().isStart() && page.next().isEmpty();
        OptionalInt origin = Steps.origin(letter.key());
        boolean dropped = origin.isPresent()
                && origin.getAsInt() < page.items().size()
                && stage.source().paging().safe();
        return whole || dropped;
    }

    /** Whether a step fails still at the record of the page that the letter means. */
    private static boolean stepFails(Steps.Made<?> made, DeadLetter letter) {
        OptionalInt origin = Steps.origin(letter.key());
        return origin.isPresent() && made.failed().stream().anyMatch(failed -> failed.origin() == origin.getAsInt());
    }

    /** Writes each record alone; gives the reason if one is refused. */
    private <R> Optional<String> write(Stage<?, R> stage, Batch<R> batch) throws Exception {
        for (int i = 0; i < batch.size(); i++) {
            Batch<R> single = batch.slice(i, i + 1);
            try {
                retrying.call(
                        () -> {
                            single.unsay();
                            stage.sink().write(single);
                            return true;
                        },
                        Replay::quietly);
            } catch (RefusedException e) {
                single.refused(0, String.valueOf(e.getMessage()));
            }
            if (single.outcome(0) == Batch.Outcome.REFUSED) {
                return Optional.of(single.reason(0));
            }
        }
        return Optional.empty();
    }

    private static DeadLetter again(DeadLetter letter, String reason) {
        return new DeadLetter(
                letter.phase(),
                letter.partition(),
                letter.page(),
                letter.key(),
                reason,
                letter.attempts() + 1,
                letter.payload());
    }

    /** Where the records of a letter are: that with its key, or that in its place, or all that are made now of the one at which a step failed. */
    private static <R> List<Integer> places(Stage<?, R> stage, Steps.Made<R> made, DeadLetter letter) {
        for (int i = 0; i < made.records().size(); i++) {
            R record = made.records().get(i);
            boolean sameKey = Delivery.key(stage.sink(), record, i).equals(letter.key());
            if (sameKey || Delivery.place(i).equals(letter.key())) { // a record that had no key may have one now
                return List.of(i);
            }
        }
        OptionalInt origin = Steps.origin(letter.key());
        return origin.isPresent() ? made.of(origin.getAsInt()) : List.of();
    }

    private static void quietly(int attempt, Duration wait, Exception failure) {}
}
