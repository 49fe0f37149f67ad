package dev.backfill.mongodb;

import com.mongodb.client.model.Updates;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.util.List;
import java.util.Optional;
import org.bson.BsonNull;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** One run's hold on a job, renewed by a thread of its own for as long as it is open. */
final class MongoClaim implements Claim {

    private static final long BEAT = MongoCheckpoint.LEASE.toNanos() / 5;

    private final Place place;
    private final Ports ports;
    private final String job;
    private final long run;
    private final Tenure tenure;
    private final Bookmarks bookmarks;
    private final Letters letters;
    private final Tasks.Task heart;
    private final Tasks.Gate gate;

    // guarded by the gate
    private @Nullable String definition;
    private long heldFrom;
    private boolean lost;
    private boolean closed;

    private MongoClaim(Place place, Ports ports, String job, JobDocument taken, long heldFrom) {
        this.place = place;
        this.ports = ports;
        this.job = job;
        this.run = taken.run();
        this.definition = taken.definition();
        this.heldFrom = heldFrom;
        this.tenure = new Tenure(place, job, taken.run());
        this.bookmarks = new Bookmarks(tenure, ports);
        this.letters = new Letters(tenure);
        this.gate = ports.tasks().gate();
        this.heart = ports.tasks().start(job + " holds", MongoClaim::daemon, this::beat);
    }

    /**
     * Opens the claim of a run whose number is in the job's document.
     *
     * @param heldFrom when the lease was asked for, by this process's own clock: it lasts no longer than from then
     */
    static MongoClaim open(Place place, Ports ports, String job, JobDocument taken, long heldFrom)
            throws InterruptedException {
        MongoClaim claim = new MongoClaim(place, ports, job, taken, heldFrom);
        boolean whole = false;
        try {
            claim.raise(taken);
            whole = true;
            return claim;
        } finally {
            if (!whole) {
                claim.close();
            }
        }
    }

    /** Puts this run's fence into everything that counts, bookmarks first. */
    private void raise(JobDocument taken) throws InterruptedException {
        String doing = tenure.doing("taking over the progress");
        bookmarks.raise(doing, taken);
        letters.raise(doing, taken);
        tenure.raised(doing);
        tenure.pass(taken.pass());
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    }

    /** Renews the lease until the claim is closed or lost. A beat that fails is tried again; the saves have the fence in any case. */
    private void beat() {
        try {
            while (true) {
                ports.time().sleep(BEAT);
                if (over()) {
                    return;
                }
                try {
                    renew();
                } catch (BackfillException.Lost e) {
                    LoggerFactory.getLogger(Mongo.class).warn("{}", e.getMessage());
                    return;
                } catch (RuntimeException e) {
                    LoggerFactory.getLogger(Mongo.class)
                            .debug("the lease on '{}' was not renewed: {}", job, e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            // closing
        }
    }

    private boolean over() {
        gate.lock();
        try {
            return closed || lost;
        } finally {
            gate.unlock();
        }
    }

    private void renew() throws InterruptedException {
        long asked = ports.time().nanos();
        long renewed = place.in(
                "renewing the lease on the job '" + job + "'",
                all -> all.updateOne(tenure.mine(), Updates.currentDate("seen")).getMatchedCount());
        gate.lock();
        try {
            if (renewed == 1) {
                heldFrom = asked;
            } else {
                lost = true;
                throw Progress.lost(job);
            }
        } finally {
            gate.unlock();
        }
    }

    /** Refuses a claim that is over; one whose lease has run out by this process's clock asks the server first. */
    private void check() throws InterruptedException {
        boolean overdue;
        gate.lock();
        try {
            if (closed) {
                throw new BackfillException.Lost("the claim on '" + job + "' is closed");
            }
            if (lost) {
                throw Progress.lost(job);
            }
            overdue = ports.time().nanos() - heldFrom > MongoCheckpoint.LEASE.toNanos();
        } finally {
            gate.unlock();
        }
        if (overdue) {
            renew();
        }
    }

    @Override
    public long run() {
        return run;
    }

    @Override
    public Optional<String> definition() {
        gate.lock();
        try {
            return Optional.ofNullable(definition);
        } finally {
            gate.unlock();
        }
    }

    @Override
    public List<Bookmark> load() throws InterruptedException {
        check();
        return bookmarks.load();
    }

    @Override
    public void begin(String text, List<Bookmark> places) throws InterruptedException {
        check();
        bookmarks.begin(text, places);
        defined(text);
    }

    @Override
    public void redefine(String text) throws InterruptedException {
        check();
        tenure.redefine(text);
        defined(text);
    }

    private void defined(String text) {
        gate.lock();
        try {
            definition = text;
        } finally {
            gate.unlock();
        }
    }

    @Override
    public void save(Save save) throws InterruptedException {
        check();
        letters.bury(save.deadLetters()); // if one cannot be kept, no bookmark passes it
        if (save.bookmarks().isEmpty()) {
            tenure.state(); // this run still has the job, so a later one raises the letters
        } else {
            bookmarks.save(save.bookmarks());
        }
    }

    @Override
    public List<DeadLetter> deadLetters() throws InterruptedException {
        check();
        return letters.all();
    }

    @Override
    public void forget(List<DeadLetter> dealtWith) throws InterruptedException {
        check();
        if (!dealtWith.isEmpty()) {
            letters.forget(dealtWith);
        }
    }

    /** Gives the job free; if the server cannot be told, the lease runs out by itself. */
    @Override
    public void close() {
        gate.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            gate.unlock();
        }
        heart.interrupt();
        boolean interrupted = Thread.interrupted(); // the driver would do nothing for a thread that is
        try {
            place.in(
                    "freeing the job '" + job + "'",
                    all -> all.updateOne(
                            tenure.mine(),
                            Updates.combine(
                                    Updates.set("holder", BsonNull.VALUE),
                                    Updates.set("process", BsonNull.VALUE),
                                    Updates.set("claim", BsonNull.VALUE))));
        } catch (InterruptedException e) {
            interrupted = true;
            warn(e);
        } catch (RuntimeException e) {
            warn(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void warn(Exception e) {
        LoggerFactory.getLogger(Mongo.class)
                .warn(
                        "the job '{}' could not be given free and is free in {} s: {}",
                        job,
                        MongoCheckpoint.LEASE.toSeconds(),
                        e.getMessage());
    }
}
