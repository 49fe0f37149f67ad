package dev.backfill.mongodb;

import com.mongodb.client.model.Updates;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.internal.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * The documents of progress, and what they mean. Names are values in them and never names of fields, so they may be anything.
 *
 * <p>A job has one document, with the {@code _id} {@code {job}}. A partition has one for each pass over the job, with the
 * {@code _id} {@code {job, pass, phase, part}}; a dead letter one, with {@code {job, pass, letter}}.
 */
final class Progress {

    /** The format that this version writes; every later version reads it. */
    static final int FORMAT = 1;

    static final String BOOKMARK = "bookmark";
    static final String LETTER = "letter";

    /** A record as text, if a job keeps payloads, is cut here; a document has room for 16 MiB. */
    private static final int MAX_PAYLOAD = 2_000_000;

    private Progress() {}

    static BsonString text(String text) {
        return new BsonString(Text.kept(text));
    }

    static BsonInt64 number(long number) {
        return new BsonInt64(number);
    }

    static BsonDocument jobId(String job) {
        return new BsonDocument("job", text(job));
    }

    static BsonDocument bookmarkId(Bookmark bookmark, long pass) {
        return jobId(bookmark.job())
                .append("pass", number(pass))
                .append("phase", text(bookmark.phase()))
                .append("part", text(bookmark.partition()));
    }

    static BsonDocument letterId(String job, long pass, DeadLetter letter) {
        String digest =
                Text.digest(letter.phase(), letter.partition(), letter.page().json(), letter.key());
        return jobId(job).append("pass", number(pass)).append("letter", new BsonString(digest));
    }

    /** A job's documents of one kind and one pass. */
    static BsonDocument all(String kind, String job, long pass) {
        return new BsonDocument("job", text(job))
                .append("kind", new BsonString(kind))
                .append("pass", number(pass));
    }

    /** What a bookmark says. */
    static BsonDocument values(Bookmark bookmark) {
        Counts counts = bookmark.counts();
        return new BsonDocument("run", number(bookmark.run()))
                .append("cursor", text(bookmark.cursor().json()))
                .append("done", BsonBoolean.valueOf(bookmark.done()))
                .append("filtered", number(counts.filtered()))
                .append("failed", number(counts.failed()))
                .append("passed", number(counts.passed()))
                .append("inserted", number(counts.inserted()))
                .append("updated", number(counts.updated()))
                .append("unchanged", number(counts.unchanged()))
                .append("dead", number(counts.dead()));
    }

    static Bookmark bookmark(String job, BsonDocument document) {
        try {
            BsonDocument id = document(document, "_id");
            long filtered = number(document, "filtered");
            long failed = number(document, "failed");
            long passed = number(document, "passed");
            long inserted = number(document, "inserted");
            long updated = number(document, "updated");
            long unchanged = number(document, "unchanged");
            long dead = number(document, "dead");
            if (number(document, "run") > number(document, "fence")) {
                throw new IllegalArgumentException("its run is later than the last that had the job");
            }
            return new Bookmark(
                    job,
                    text(id, "phase"),
                    text(id, "part"),
                    number(document, "run"),
                    Cursor.parse(text(document, "cursor")),
                    bool(document, "done"),
                    new Counts(
                            filtered + failed + passed,
                            filtered,
                            failed,
                            passed,
                            inserted + updated + unchanged + dead,
                            inserted,
                            updated,
                            unchanged,
                            dead));
        } catch (IllegalArgumentException e) {
            throw damaged(job, "the bookmark " + document.get("_id") + ": " + e.getMessage());
        }
    }

    /** The change that sets these fields, and the time. */
    static Bson sets(BsonDocument values) {
        List<Bson> sets = new ArrayList<>();
        values.forEach((field, value) -> sets.add(Updates.set(field, value)));
        sets.add(Updates.currentDate("saved"));
        return Updates.combine(sets);
    }

    /** What a dead letter says. */
    static BsonDocument values(DeadLetter letter) {
        return new BsonDocument("phase", text(letter.phase()))
                .append("part", text(letter.partition()))
                .append("page", text(letter.page().json()))
                .append("key", text(letter.key()))
                .append("reason", text(letter.reason()))
                .append("attempts", number(letter.attempts()))
                .append(
                        "payload",
                        letter.payload().isPresent() ? text(cut(letter.payload().get())) : BsonNull.VALUE);
    }

    private static String cut(String payload) {
        return payload.length() <= MAX_PAYLOAD ? payload : payload.substring(0, MAX_PAYLOAD) + "…";
    }

    static DeadLetter letter(String job, BsonDocument document) {
        try {
            return new DeadLetter(
                    text(document, "phase"),
                    text(document, "part"),
                    Cursor.parse(text(document, "page")),
                    text(document, "key"),
                    text(document, "reason"),
                    Math.toIntExact(number(document, "attempts")),
                    Optional.ofNullable(textOrNull(document, "payload")));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw damaged(job, "the dead letter " + document.get("_id") + ": " + e.getMessage());
        }
    }

    static long number(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        if (value == null || !(value.isInt64() || value.isInt32())) {
            throw new IllegalArgumentException(field + " is " + shown(value) + " and not a whole number");
        }
        return value.asNumber().longValue();
    }

    static String text(BsonDocument document, String field) {
        String text = textOrNull(document, field);
        if (text == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return text;
    }

    static @Nullable String textOrNull(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new IllegalArgumentException(field + " is " + shown(value) + " and not a text");
        }
        return Text.read(value.asString().getValue());
    }

    /** A point in time, in milliseconds since 1970; 0 if there is none. */
    static long time(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        if (value == null || value.isNull()) {
            return 0;
        }
        if (!value.isDateTime()) {
            throw new IllegalArgumentException(field + " is " + shown(value) + " and not a date");
        }
        return value.asDateTime().getValue();
    }

    private static boolean bool(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        if (value == null || !value.isBoolean()) {
            throw new IllegalArgumentException(field + " is " + shown(value) + " and neither true nor false");
        }
        return value.asBoolean().getValue();
    }

    private static BsonDocument document(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        if (value == null || !value.isDocument()) {
            throw new IllegalArgumentException(field + " is " + shown(value) + " and not a document");
        }
        return value.asDocument();
    }

    private static String shown(@Nullable BsonValue value) {
        return value == null ? "missing" : value.toString();
    }

    static BackfillException.Damaged damaged(String job, String what) {
        return new BackfillException.Damaged("the progress of '" + job + "' cannot be believed: " + what
                + ". It was changed by hand or by another program: restore the collection from a backup, or begin again with"
                + " startOver()");
    }

    static BackfillException.Lost lost(String job) {
        return new BackfillException.Lost("another runner has taken over the job '" + job
                + "'; nothing of this batch was saved. Leave the job to that runner");
    }
}
