package dev.backfill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** How far each partition of a job is, for reports and progress. Safe for several threads; no I/O. */
final class Ledger {

    /** The share of dead letters is looked at from this number on. */
    private static final int ENOUGH_FOR_A_SHARE = 100;

    /** More records died than the job bears. */
    static final class TooMany extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooMany(String message) {
            super(message);
        }
    }

    private static final class Entry {
        private Bookmark bookmark;
        private Report.State state = Report.State.WAITING;
        private @Nullable String problem;
        private long total = -1;

        Entry(Bookmark bookmark) {
            this.bookmark = bookmark;
        }
    }

    private final Job job;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<List<String>, Entry> entries = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private long deadLetters;
    private @Nullable Throwable firstFailure;

    private int parallel;
    private String phase = "";
    private boolean allPhases;
    private long readBefore;
    private double partBefore;
    private long phaseBegan;
    private Optional<RateLimiter> limiter = Optional.empty();

    Ledger(Job job) {
        this.job = job;
    }

    /** Takes over what earlier runs have left. */
    void load(List<Bookmark> bookmarks, long letters) {
        lock.lock();
        try {
            for (Stage<?, ?> stage : job.stages) {
                bookmarks.stream()
                        .filter(bookmark -> bookmark.phase().equals(stage.phase()))
                        .forEach(this::put);
            }
            deadLetters = letters;
        } finally {
            lock.unlock();
        }
    }

    private void put(Bookmark bookmark) {
        Entry entry = new Entry(bookmark);
        entry.state = bookmark.done() ? Report.State.DONE : Report.State.WAITING;
        entries.put(List.of(bookmark.phase(), bookmark.partition()), entry);
    }

    Optional<Bookmark> bookmark(String phaseName, String partition) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(List.of(phaseName, partition)))
                    .map(entry -> entry.bookmark);
        } finally {
            lock.unlock();
        }
    }

    /** The partitions of a phase that are known. */
    List<Bookmark> bookmarks(String phaseName) {
        lock.lock();
        try {
            return entries.values().stream()
                    .map(entry -> entry.bookmark)
                    .filter(bookmark -> bookmark.phase().equals(phaseName))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** A phase begins with these partitions in addition. */
    void begin(String phaseName, List<Bookmark> added, Optional<RateLimiter> asked, long now) {
        lock.lock();
        try {
            added.forEach(this::put);
            phase = phaseName;
            limiter = asked;
            readBefore = counts(phaseName).read();
            partBefore = part();
            phaseBegan = now;
        } finally {
            lock.unlock();
        }
    }

    /** So many partitions were worked on side by side. */
    void parallel(int partitions) {
        lock.lock();
        try {
            parallel = Math.max(parallel, partitions);
        } finally {
            lock.unlock();
        }
    }

    void allPhases() {
        lock.lock();
        try {
            allPhases = true;
        } finally {
            lock.unlock();
        }
    }

    void saved(Bookmark bookmark, long total) {
        lock.lock();
        try {
            Entry entry = entries.get(List.of(bookmark.phase(), bookmark.partition()));
            if (entry != null) {
                entry.bookmark = bookmark;
                entry.total = total;
            }
        } finally {
            lock.unlock();
        }
    }

    void state(String phaseName, String partition, Report.State state) {
        lock.lock();
        try {
            Entry entry = entries.get(List.of(phaseName, partition));
            if (entry != null) {
                entry.state = state;
            }
        } finally {
            lock.unlock();
        }
    }

    void failed(String phaseName, String partition, Throwable failure) {
        lock.lock();
        try {
            Entry entry = entries.get(List.of(phaseName, partition));
            if (entry != null) {
                entry.state = Report.State.FAILED;
                entry.problem = failure.getMessage();
            }
            firstFailure = firstFailure == null ? failure : firstFailure;
        } finally {
            lock.unlock();
        }
    }

    void note(String note) {
        lock.lock();
        try {
            if (!notes.contains(note)) {
                notes.add(note);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Where sources have said more records than they gave, if anywhere. */
    Optional<String> shortfall() {
        lock.lock();
        try {
            List<Entry> few = entries.values().stream()
                    .filter(entry -> atEnd(entry)
                            && entry.total > entry.bookmark.counts().read())
                    .toList();
            return few.stream()
                    .findFirst()
                    .map(entry -> "the source said " + entry.total + " records of "
                            + entry.bookmark.phase() + "/" + entry.bookmark.partition() + " and gave "
                            + entry.bookmark.counts().read()
                            + (few.size() == 1 ? "" : ", and fewer than it said of " + (few.size() - 1) + " more")
                            + "; if it counts what it gives, records were missed, and again() reads them");
        } finally {
            lock.unlock();
        }
    }

    /** Counts dead letters that are saved now. */
    void buried(List<DeadLetter> letters) {
        lock.lock();
        try {
            deadLetters += letters.size();
        } finally {
            lock.unlock();
        }
    }

    /** Stops the run if there are more dead letters than the job bears. */
    void check(Bookmark behind) {
        lock.lock();
        try {
            Counts counts = counts(behind.phase());
            long records = counts.produced() + counts.failed();
            boolean tooMany = deadLetters > job.maxDead;
            boolean tooLargeAShare =
                    counts.deadLetters() >= ENOUGH_FOR_A_SHARE && counts.deadLetters() > job.maxDeadShare * records;
            if (tooMany || tooLargeAShare) {
                throw new TooMany("there are " + deadLetters + " dead letters among " + records + " records of phase '"
                        + behind.phase() + "', more than the job bears (" + job.maxDead + ", or a share of "
                        + job.maxDeadShare
                        + "): look at deadLetters(), mend the cause, replay(); or say tolerate(...)");
            }
        } finally {
            lock.unlock();
        }
    }

    long deadLetters() {
        lock.lock();
        try {
            return deadLetters;
        } finally {
            lock.unlock();
        }
    }

    /** Whether every partition of the phase is at its end. */
    boolean ended(String phaseName) {
        lock.lock();
        try {
            return entries.values().stream()
                    .filter(entry -> entry.bookmark.phase().equals(phaseName))
                    .allMatch(Ledger::atEnd);
        } finally {
            lock.unlock();
        }
    }

    boolean failed() {
        lock.lock();
        try {
            return entries.values().stream().anyMatch(entry -> entry.state == Report.State.FAILED);
        } finally {
            lock.unlock();
        }
    }

    /** Whether every phase was worked on to its end. */
    boolean complete() {
        lock.lock();
        try {
            return allPhases;
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Throwable firstFailure() {
        return firstFailure;
    }

    /** The message of a run that did not end well. */
    String problem(Job of, @Nullable Throwable fatal) {
        lock.lock();
        try {
            if (fatal != null) {
                return "the run of '" + of.name() + "' failed: "
                        + (fatal.getMessage() == null ? fatal : fatal.getMessage());
            }
            List<Entry> failures = entries.values().stream()
                    .filter(entry -> entry.state == Report.State.FAILED)
                    .toList();
            return "the run of '" + of.name() + "' is partial: " + failures.size() + " of " + entries.size()
                    + " partitions failed, and the next run takes them up where they are. The first: "
                    + failures.get(0).problem;
        } finally {
            lock.unlock();
        }
    }

    Report report(
            long run,
            Report.Status status,
            long letters,
            Duration took,
            Optional<Duration> comeBack,
            OptionalInt signal) {
        lock.lock();
        try {
            List<Report.Part> parts = entries.values().stream()
                    .map(entry -> new Report.Part(
                            entry.bookmark.phase(),
                            entry.bookmark.partition(),
                            entry.state,
                            entry.bookmark.counts(),
                            Optional.ofNullable(entry.problem)))
                    .toList();
            return new Report(job.name(), run, status, parts, letters, took, comeBack, signal, notes, parallel);
        } finally {
            lock.unlock();
        }
    }

    Progress progress(long now, String waiting) {
        lock.lock();
        try {
            Counts counts = counts(phase);
            int all = 0;
            int done = 0;
            for (Entry entry : entries.values()) {
                if (entry.bookmark.phase().equals(phase)) {
                    all++;
                    done += atEnd(entry) ? 1 : 0;
                }
            }
            double part = part();
            double seconds = (now - phaseBegan) / 1e9;
            double gained = part - partBefore;
            Optional<Duration> left = gained > 0 && seconds > 0
                    ? Optional.of(Duration.ofMillis((long) (1_000 * seconds * (1 - part) / gained)))
                    : Optional.empty();
            Optional<RateLimiter.Usage> usage = limiter.map(RateLimiter::usage);
            boolean limited = usage.isPresent() && usage.get().waiting() > 0;
            String why = limited && waiting.isEmpty() ? "the rate limit" : waiting;
            return new Progress(
                    phase,
                    done,
                    all,
                    counts,
                    seconds > 0 ? Math.max(0, counts.read() - readBefore) / seconds : 0,
                    part,
                    left,
                    why.isEmpty() ? Optional.empty() : Optional.of(why),
                    usage);
        } finally {
            lock.unlock();
        }
    }

    private Counts counts(String phaseName) {
        Counts counts = Counts.ZERO;
        for (Entry entry : entries.values()) {
            if (entry.bookmark.phase().equals(phaseName)) {
                counts = counts.plus(entry.bookmark.counts());
            }
        }
        return counts;
    }

    private double part() {
        double sum = 0;
        int all = 0;
        for (Entry entry : entries.values()) {
            if (entry.bookmark.phase().equals(phase)) {
                all++;
                sum += atEnd(entry)
                        ? 1
                        : entry.total > 0 ? Math.min(1, entry.bookmark.counts().read() / (double) entry.total) : 0;
            }
        }
        return all == 0 ? 0 : sum / all;
    }

    private static boolean atEnd(Entry entry) {
        return entry.state == Report.State.DONE || entry.state == Report.State.OPEN;
    }
}
