package dev.backfill.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.Updates;
import com.mongodb.client.model.WriteModel;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.TransientException;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.slf4j.LoggerFactory;

/**
 * What one run reads and writes of a job's bookmarks. "Earlier" and "later" are of run numbers.
 *
 * <p><b>What counts.</b> A bookmark counts if its pass is the job's, and if it is settled (batch 0) or of the batch that the job's
 * document names. Anything else is what a crash or an earlier runner has left; it is never read.
 *
 * <p><b>Changing a bookmark</b> is one update that matches only the fence of this run. A later runner raises all fences before its claim is
 * given out, so an earlier one's update matches nothing then. Repeated after an answer that was lost, it writes the same again. Each has
 * a larger number than those before, and matches only smaller ones: a write that comes late takes no place back.
 *
 * <p><b>Adding bookmarks</b> must be all or nothing, for a plan of which a half is there would be taken for the whole; and an insert has no
 * fence to match. So they are inserted as a batch, under a number drawn from the job's document; nothing of it counts until one update of
 * the job's document names the batch. That update matches only if this run has the job and no other number was drawn since: an earlier
 * runner, or an update of this one that comes late after an answer was lost, names nothing. Then the batch is settled, before the next can
 * be named, by this run or by the next that claims the job. What was inserted and not named is deleted before the next batch, unless
 * its fence is a later runner's.
 *
 * <p><b>Beginning anew</b> inserts bookmarks under a new pass, and one update of the job's document makes it the pass that counts, with the
 * definition, on the same conditions. What is left of passes before is deleted by number: a later runner's pass has a larger one.
 */
final class Bookmarks {

    private final Tenure tenure;
    private final Place place;
    private final AtomicLong saves = new AtomicLong();
    private final Tasks.Gate adding; // numbers are drawn and used by one thread at a time

    Bookmarks(Tenure tenure, Ports ports) {
        this.tenure = tenure;
        this.place = tenure.place();
        this.adding = ports.tasks().gate();
    }

    /** Puts this run's fence into all bookmarks that count. */
    void raise(String doing, JobDocument taken) throws InterruptedException {
        place.in(
                doing,
                all -> all.updateMany(
                        Filters.and(counting(taken.pass(), taken.batch()), tenure.earlier()),
                        Updates.combine(
                                Updates.set("fence", tenure.run()),
                                Updates.set("batch", 0L),
                                Updates.set("save", 0L))));
    }

    private Bson counting(long pass, long batch) {
        return Filters.and(Progress.all(Progress.BOOKMARK, tenure.job(), pass), Filters.in("batch", 0L, batch));
    }

    List<Bookmark> load() throws InterruptedException {
        JobDocument state = tenure.state();
        List<BsonDocument> found = place.in(
                tenure.doing("reading the progress"),
                all -> all.find(counting(state.pass(), state.batch())).into(new ArrayList<>()));
        List<Bookmark> bookmarks = new ArrayList<>();
        try {
            found.sort(Comparator.comparingLong(Bookmarks::added).thenComparingLong(Bookmarks::place));
            for (BsonDocument one : found) {
                added(one); // one alone is not sorted
                place(one);
                if (Progress.number(one, "fence") != tenure.run()) {
                    throw new IllegalArgumentException(
                            "the fence of " + one.get("_id") + " is not the last run that had the job");
                }
                bookmarks.add(Progress.bookmark(tenure.job(), one));
            }
            if (found.size() != state.parts()) {
                throw new IllegalArgumentException(
                        "there are " + found.size() + " bookmarks that count, and there were " + state.parts());
            }
        } catch (IllegalArgumentException e) {
            tenure.state(); // a later runner's doing is not damage
            throw Progress.damaged(tenure.job(), String.valueOf(e.getMessage()));
        }
        return bookmarks;
    }

    private static long added(BsonDocument document) {
        return Progress.number(document, "added");
    }

    private static long place(BsonDocument document) {
        return Progress.number(document, "place");
    }

    void begin(String definition, List<Bookmark> bookmarks) throws InterruptedException {
        String doing = tenure.doing("beginning the progress");
        adding.lock();
        try {
            tenure.pass(-1);
            long number = tenure.draw(doing).number();
            insert(doing, bookmarks, number, 0, number);
            tenure.decide(
                    doing,
                    number,
                    Updates.combine(
                            Updates.set("pass", number),
                            Updates.set("batch", 0L),
                            Updates.set("parts", (long) bookmarks.size()),
                            Tenure.definition(definition)));
            tenure.pass(number);
            sweep(number);
        } finally {
            adding.unlock();
        }
    }

    /** Deletes the bookmarks and dead letters of the passes before. If that fails, they go the next time. */
    private void sweep(long pass) throws InterruptedException {
        try {
            place.in(
                    tenure.doing("forgetting the old progress"),
                    all -> all.deleteMany(
                            Filters.and(Filters.eq("job", Progress.text(tenure.job())), Filters.lt("pass", pass))));
        } catch (BackfillException | TransientException e) {
            LoggerFactory.getLogger(Mongo.class).debug("{}", e.getMessage());
        }
    }

    /** Saves bookmarks, those that are not there yet all together. */
    void save(List<Bookmark> bookmarks) throws InterruptedException {
        if (bookmarks.size() > 1 || tenure.pass() < 0 || !change(bookmarks.get(0))) {
            add(bookmarks);
        }
    }

    /** Changes the bookmark if it is there; nearly always it is. */
    private boolean change(Bookmark bookmark) throws InterruptedException {
        UpdateOneModel<BsonDocument> change = change(bookmark, tenure.pass());
        Bson update = Objects.requireNonNull(change.getUpdate());
        return place.in(tenure.doing("saving the progress"), all -> all.updateOne(change.getFilter(), update))
                        .getMatchedCount()
                == 1;
    }

    private UpdateOneModel<BsonDocument> change(Bookmark bookmark, long pass) {
        long number = saves.incrementAndGet();
        return new UpdateOneModel<>(
                Filters.and(
                        Filters.eq("_id", Progress.bookmarkId(bookmark, pass)),
                        Filters.eq("fence", tenure.run()),
                        Filters.eq("batch", 0L),
                        Filters.lt("save", number)),
                Progress.sets(Progress.values(bookmark).append("save", Progress.number(number))));
    }

    private void add(List<Bookmark> bookmarks) throws InterruptedException {
        String doing = tenure.doing("saving the progress");
        adding.lock();
        try {
            JobDocument state = tenure.draw(doing);
            long pass = state.pass();
            tenure.pass(pass);
            settle(doing, pass, state.batch()); // if the end of the last one was not seen
            Set<BsonValue> there = there(doing, pass);
            List<Bookmark> absent = new ArrayList<>();
            List<WriteModel<BsonDocument>> changes = new ArrayList<>();
            for (Bookmark bookmark : bookmarks) {
                if (there.contains(Progress.bookmarkId(bookmark, pass))) {
                    changes.add(change(bookmark, pass));
                } else {
                    absent.add(bookmark);
                }
            }
            if (!absent.isEmpty()) {
                add(doing, absent, state);
            }
            if (!changes.isEmpty()
                    && place.in(doing, all -> all.bulkWrite(changes)).getMatchedCount() != changes.size()) {
                throw tenure.disturbed(doing);
            }
        } finally {
            adding.unlock();
        }
    }

    private void add(String doing, List<Bookmark> absent, JobDocument state) throws InterruptedException {
        long pass = state.pass();
        place.in(
                doing,
                all -> all.deleteMany(Filters.and(
                        Progress.all(Progress.BOOKMARK, tenure.job(), pass),
                        Filters.gt("batch", 0L),
                        Filters.lt("batch", state.number()), // so this one may come late too
                        Filters.lte("fence", tenure.run()))));
        insert(doing, absent, pass, state.number(), state.number());
        tenure.decide(
                doing,
                state.number(),
                Updates.combine(
                        Updates.set("batch", state.number()), Updates.set("parts", state.parts() + absent.size())));
        settle(doing, pass, state.number());
    }

    private void settle(String doing, long pass, long batch) throws InterruptedException {
        if (batch > 0) {
            place.in(
                    doing,
                    all -> all.updateMany(
                            Filters.and(
                                    Progress.all(Progress.BOOKMARK, tenure.job(), pass), Filters.eq("batch", batch)),
                            Updates.set("batch", 0L)));
        }
    }

    private Set<BsonValue> there(String doing, long pass) throws InterruptedException {
        return place.in(
                doing,
                all -> all.find(Filters.and(counting(pass, 0), Filters.eq("fence", tenure.run())))
                        .projection(Projections.include("_id"))
                        .map(one -> one.get("_id"))
                        .into(new HashSet<>()));
    }

    /** Inserts bookmarks that do not count yet. */
    private void insert(String doing, List<Bookmark> bookmarks, long pass, long batch, long added)
            throws InterruptedException {
        if (bookmarks.isEmpty()) {
            return;
        }
        List<BsonDocument> documents = new ArrayList<>();
        for (int i = 0; i < bookmarks.size(); i++) {
            BsonDocument document = new BsonDocument("_id", Progress.bookmarkId(bookmarks.get(i), pass));
            document.putAll(Progress.all(Progress.BOOKMARK, tenure.job(), pass));
            document.append("fence", Progress.number(tenure.run()))
                    .append("batch", Progress.number(batch))
                    .append("save", Progress.number(0))
                    .append("added", Progress.number(added))
                    .append("place", Progress.number(i))
                    .putAll(Progress.values(bookmarks.get(i)));
            documents.add(document);
        }
        boolean inserted = place.in(doing, all -> {
            try {
                all.insertMany(documents, new InsertManyOptions().ordered(false));
                return true;
            } catch (MongoBulkWriteException e) {
                if (Failures.code(e) != Failures.DUPLICATE) {
                    throw e;
                }
                return false; // a later runner has added it too, or a write of this one came late
            }
        });
        if (!inserted) {
            throw tenure.disturbed(doing);
        }
    }
}
