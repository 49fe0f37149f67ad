package dev.backfill.mongodb;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Updates;
import dev.backfill.TransientException;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.conversions.Bson;

/** One run's time with a job: what it may do with the job's own document. */
final class Tenure {

    private final Place place;
    private final String job;
    private final long run;
    private volatile long pass = -1;

    Tenure(Place place, String job, long run) {
        this.place = place;
        this.job = job;
        this.run = run;
    }

    Place place() {
        return place;
    }

    String job() {
        return job;
    }

    long run() {
        return run;
    }

    /** For messages. */
    String doing(String what) {
        return what + " of the job '" + job + "'";
    }

    /** The job's document, if this run has the job. */
    Bson mine() {
        return Filters.and(Filters.eq("_id", Progress.jobId(job)), Filters.eq("run", run));
    }

    /** The pass whose documents count; negative after a change of it whose end was not seen. */
    long pass() {
        return pass;
    }

    void pass(long current) {
        pass = current;
    }

    /** The job as it is, if this run has it. */
    JobDocument state() throws InterruptedException {
        BsonDocument found =
                place.in(doing("reading the progress"), all -> all.find(mine()).first());
        if (found == null) {
            throw Progress.lost(job);
        }
        return JobDocument.of(job, found);
    }

    /** The job with a number that nobody else gets. */
    JobDocument draw(String doing) throws InterruptedException {
        BsonDocument found = place.in(
                doing,
                all -> all.findOneAndUpdate(
                        mine(),
                        Updates.inc("number", 1L),
                        new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER)));
        if (found == null) {
            throw Progress.lost(job);
        }
        return JobDocument.of(job, found);
    }

    /** The one update that makes what was prepared under a number count, if no other was drawn since. */
    void decide(String doing, long number, Bson change) throws InterruptedException {
        decide(doing, Filters.and(mine(), Filters.eq("number", number)), change);
    }

    /** What an earlier run has written: a runner that was paused while it took the job must not take what a later one has raised. */
    Bson earlier() {
        return Filters.lt("fence", run);
    }

    /** Says that everything that counts has the fence of this run. */
    void raised(String doing) throws InterruptedException {
        decide(doing, mine(), Updates.set("raised", run));
    }

    void redefine(String definition) throws InterruptedException {
        decide(doing("changing the definition"), mine(), definition(definition));
    }

    static Bson definition(String definition) {
        return Updates.combine(
                Updates.set("definition", Progress.text(definition)),
                Updates.set("format", new BsonInt32(Progress.FORMAT)));
    }

    private void decide(String doing, Bson mine, Bson change) throws InterruptedException {
        if (place.in(doing, all -> all.updateOne(mine, change)).getMatchedCount() != 1) {
            throw disturbed(doing);
        }
    }

    /** Something did not match: because the job is lost, which this throws; else because something of this run came late. */
    TransientException disturbed(String doing) throws InterruptedException {
        state();
        return new TransientException(doing + " was disturbed by a write that came late in " + place);
    }
}
