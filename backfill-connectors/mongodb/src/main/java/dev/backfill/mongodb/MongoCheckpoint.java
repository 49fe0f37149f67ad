package dev.backfill.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Updates;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.TransientException;
import dev.backfill.internal.Machine;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Progress in a collection, without transactions: each change of one document is atomic, and the job's document decides what the
 * others mean.
 *
 * <p><b>Who has the job.</b> The run number in the job's document grows by one with every claim, by an update that matches only the
 * number before and only a job that is free or whose holder gave no sign of life for the length of the lease. Signs are stamped by the
 * server ({@code $currentDate}), and compared with the server's time asked for just before, which can only be too early: a lease never
 * ends before its time. No clock of a client is used.
 *
 * <p><b>Fencing.</b> A claim writes its run number into the job's document first, then as the fence into every bookmark, then into every
 * dead letter, and is given out after that. {@link Bookmarks} and {@link Letters} say why an earlier runner can then change nothing that
 * counts. A fence is only ever raised: one that was paused here, and goes on when a later one has raised the fences, lowers none. What a
 * crash leaves of this is done by the next claim.
 */
final class MongoCheckpoint implements Checkpoint {

    static final Duration LEASE = Duration.ofSeconds(15);

    private static final long POLL = Duration.ofMillis(500).toNanos();

    private final Place place;
    private final Ports ports;
    private volatile boolean indexed;

    MongoCheckpoint(Place place, Ports ports) {
        this.place = place;
        this.ports = ports;
    }

    @Override
    public Claim claim(String job, Duration wait) throws InterruptedException {
        String token = Long.toHexString(ports.time().nanos()) + "-"
                + Long.toHexString(Double.doubleToLongBits(ports.time().random()));
        long begin = ports.time().nanos();
        while (true) {
            BackfillException problem;
            try {
                index();
                long asked = ports.time().nanos();
                Taken taken = take(job, token);
                if (taken.job() != null) {
                    return MongoClaim.open(place, ports, job, taken.job(), asked);
                }
                problem = new BackfillException.Held(
                        "the job '" + job + "' in " + place + " is held by " + taken.holder());
            } catch (TransientException e) {
                problem = new BackfillException(String.valueOf(e.getMessage()), e);
            } catch (BackfillException.Lost e) {
                problem = e; // another was faster while this one was slow
            }
            long left = wait.toNanos() - (ports.time().nanos() - begin);
            if (left <= 0) {
                throw problem;
            }
            ports.time().sleep(Math.min(left, POLL));
        }
    }

    /** The job's document, which is ours now; or without it, who has the job. */
    private record Taken(@Nullable JobDocument job, String holder) {}

    private Taken take(String job, String token) throws InterruptedException {
        JobDocument before = find(job);
        if (before == null) {
            create(job);
            before = find(job);
        }
        if (before == null) {
            throw new TransientException("the document of the job '" + job + "' in " + place + " has vanished");
        }
        Bson mine = Filters.eq("_id", Progress.jobId(job));
        if (before.holder() != null && token.equals(before.claim())) {
            // this claim took it before, and could not see it
            return taken(job, token, Filters.and(mine, Filters.eq("claim", token)), Updates.currentDate("seen"));
        }
        long now = place.now();
        boolean dead =
                before.process() != null && Machine.isDead(before.process()); // then nobody need wait for the lease
        Bson free = before.holder() == null
                ? Filters.eq("holder", null)
                : dead
                        ? Filters.eq("claim", before.claim())
                        : Filters.lt("seen", new BsonDateTime(now - before.lease()));
        Taken taken = taken(
                job,
                token,
                Filters.and(mine, Filters.eq("run", before.run()), free),
                Updates.combine(
                        Updates.set("run", before.run() + 1),
                        Updates.set("holder", Progress.text(Machine.name())),
                        Updates.set("process", Machine.process().map(Text::kept).orElse(null)),
                        Updates.set("claim", token),
                        Updates.set("lease", LEASE.toMillis()),
                        Updates.currentDate("since"),
                        Updates.currentDate("seen")));
        if (taken.job() != null) {
            return taken;
        }
        JobDocument other = Objects.requireNonNullElse(find(job), before);
        if (other.holder() == null) {
            return new Taken(null, "another runner that has just ended; try again");
        }
        long left = other.seen() + other.lease() - now;
        return new Taken(
                null,
                other.holder() + " since " + Instant.ofEpochMilli(other.since())
                        + "; if that runner is dead, the job is free in " + (Math.max(0, left) / 1000 + 1) + " s");
    }

    private Taken taken(String job, String token, Bson filter, Bson change) throws InterruptedException {
        try {
            BsonDocument after = place.in(
                    "taking the job '" + job + "'",
                    all -> all.findOneAndUpdate(
                            filter, change, new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER)));
            return new Taken(after == null ? null : JobDocument.of(job, after), "");
        } catch (TransientException e) {
            JobDocument now = find(job);
            if (now != null && token.equals(now.claim())) {
                return new Taken(now, ""); // only the answer was lost
            }
            throw e;
        }
    }

    private @Nullable JobDocument find(String job) throws InterruptedException {
        BsonDocument found = place.in(
                "reading the job '" + job + "'",
                all -> all.find(Filters.eq("_id", Progress.jobId(job))).first());
        return found == null ? null : JobDocument.of(job, found);
    }

    /** Makes the job's document, free for all; one that was lost while its bookmarks are there is not made anew. */
    private void create(String job) throws InterruptedException {
        BsonDocument orphan = place.in(
                "reading the job '" + job + "'",
                all -> all.find(Filters.eq("job", Text.kept(job))).first());
        if (orphan != null) {
            if (find(job) == null) {
                throw Progress.damaged(job, "the job's own document is missing, and other documents of it are there");
            }
            return; // another made it meanwhile, and has begun
        }
        BsonDocument made = new BsonDocument("_id", Progress.jobId(job))
                .append("format", new BsonInt32(Progress.FORMAT))
                .append("run", Progress.number(0))
                .append("raised", Progress.number(0))
                .append("number", Progress.number(0))
                .append("pass", Progress.number(0))
                .append("batch", Progress.number(0))
                .append("parts", Progress.number(0))
                .append("definition", BsonNull.VALUE)
                .append("holder", BsonNull.VALUE)
                .append("process", BsonNull.VALUE)
                .append("claim", BsonNull.VALUE)
                .append("since", new BsonDateTime(0))
                .append("seen", new BsonDateTime(0))
                .append("lease", Progress.number(LEASE.toMillis()));
        place.in("making the job '" + job + "'", all -> {
            try {
                return all.insertOne(made).wasAcknowledged();
            } catch (MongoException e) {
                if (Failures.code(e) != Failures.DUPLICATE) {
                    throw e;
                }
                return false; // another was first, and that will do
            }
        });
    }

    /** Without the right to make an index everything works too, and slowly where there are very many bookmarks of other jobs. */
    private void index() throws InterruptedException {
        if (indexed) {
            return;
        }
        try {
            place.in("making the index", all -> all.createIndex(Indexes.ascending("job", "kind")));
        } catch (BackfillException e) {
            LoggerFactory.getLogger(Mongo.class).debug("no index on {}: {}", place, e.getMessage());
        }
        indexed = true;
    }

    @Override
    public String toString() {
        return place.toString();
    }
}
