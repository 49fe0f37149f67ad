package dev.backfill.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import com.mongodb.client.model.WriteModel;
import dev.backfill.DeadLetter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.conversions.Bson;

/**
 * What one run reads and writes of a job's dead letters.
 *
 * <p>A dead letter counts if its pass is the job's and its fence is the run that has the job. It is written before the bookmark that passes
 * it. A later runner raises the fences of bookmarks before those of dead letters, so a letter whose bookmark could still be changed is
 * there in time to be raised too. One that an earlier runner writes after that has a fence below the job's {@code raised}: no runner
 * reads or raises it.
 */
final class Letters {

    private final Tenure tenure;
    private final Place place;

    Letters(Tenure tenure) {
        this.tenure = tenure;
        this.place = tenure.place();
    }

    /** Puts this run's fence into all dead letters that count; those of the bookmarks are raised by now. */
    void raise(String doing, JobDocument taken) throws InterruptedException {
        place.in(
                doing,
                all -> all.updateMany(
                        Filters.and(
                                Progress.all(Progress.LETTER, tenure.job(), taken.pass()),
                                Filters.gte("fence", taken.raised()),
                                tenure.earlier()),
                        Updates.set("fence", tenure.run())));
    }

    /** Keeps them, in place of those about the same records. That they count is only certain when what follows has found the job held. */
    void bury(List<DeadLetter> letters) throws InterruptedException {
        if (letters.isEmpty()) {
            return;
        }
        String doing = tenure.doing("saving the dead letters");
        long pass = tenure.pass() < 0 ? tenure.state().pass() : tenure.pass();
        List<WriteModel<BsonDocument>> writes = new ArrayList<>();
        for (DeadLetter letter : letters) {
            BsonDocument values =
                    Progress.all(Progress.LETTER, tenure.job(), pass).append("fence", Progress.number(tenure.run()));
            values.putAll(Progress.values(letter));
            writes.add(new UpdateOneModel<>(
                    Filters.and(
                            Filters.eq("_id", Progress.letterId(tenure.job(), pass, letter)),
                            Filters.lte("fence", tenure.run())),
                    Progress.sets(values),
                    new UpdateOptions().upsert(true)));
        }
        boolean buried = place.in(doing, all -> {
            try {
                all.bulkWrite(writes, new BulkWriteOptions().ordered(false));
                return true;
            } catch (MongoBulkWriteException e) {
                if (Failures.code(e) != Failures.DUPLICATE) {
                    throw e;
                }
                return false; // a later runner's is there, which is not written over
            }
        });
        if (!buried) {
            throw tenure.disturbed(doing);
        }
    }

    List<DeadLetter> all() throws InterruptedException {
        JobDocument state = tenure.state();
        List<BsonDocument> found = place.in(
                tenure.doing("reading the dead letters"),
                all -> all.find(counting(state.pass())).into(new ArrayList<>()));
        try {
            found.sort(Comparator.<BsonDocument>comparingLong(one -> Progress.time(one, "saved"))
                    .thenComparing(one -> String.valueOf(one.get("_id"))));
        } catch (IllegalArgumentException e) {
            throw Progress.damaged(tenure.job(), "a dead letter: " + e.getMessage());
        }
        return found.stream().map(one -> Progress.letter(tenure.job(), one)).toList();
    }

    private Bson counting(long pass) {
        return Filters.and(Progress.all(Progress.LETTER, tenure.job(), pass), Filters.eq("fence", tenure.run()));
    }

    void forget(List<DeadLetter> letters) throws InterruptedException {
        JobDocument state = tenure.state();
        List<BsonDocument> ids = letters.stream()
                .map(letter -> Progress.letterId(tenure.job(), state.pass(), letter))
                .toList();
        place.in(
                tenure.doing("forgetting dead letters"),
                all -> all.deleteMany(Filters.and(Filters.in("_id", ids), Filters.eq("fence", tenure.run()))));
        tenure.state();
    }
}
