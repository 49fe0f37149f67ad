package dev.backfill.testkit;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.TransientException;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Parts whose other side cannot be reached. */
final class Failing {

    private Failing() {}

    /** Fails if the source gives a page from one of these places; else gives the last failure. */
    static Exception source(Source<?> broken, Collection<Cursor> places) throws Exception {
        Exception last = new IllegalStateException("no place to read from");
        for (Cursor from : places) {
            Page<?>[] page = new Page<?>[1];
            Exception failure = of(() -> page[0] = broken.read(from));
            if (failure == null) {
                throw new Lesson(
                        "an error is swallowed: the other side cannot be reached, and the source gives a page of "
                                + page[0].items().size() + " records at " + from,
                        "a failure that looks like an empty page or the end makes a job COMPLETE with most of its records lost",
                        "let the exception through; the runner tries again, and says where it failed");
            }
            last = failure;
        }
        return last;
    }

    /** The failure of this call, if it fails. */
    static @Nullable Exception of(Callable<?> call) throws InterruptedException {
        try {
            call.call();
            return null;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return e;
        }
    }

    /** Fails if the runner would not try again. */
    static void mayPass(Exception failure) {
        Lesson.unless(
                failure instanceof IOException
                        || failure instanceof TimeoutException
                        || failure instanceof TransientException,
                "the other side cannot be reached, and the failure is a "
                        + failure.getClass().getName() + ": " + failure.getMessage(),
                "only an IOException, a TimeoutException or a TransientException is tried again; anything else fails the partition"
                        + " at once, so one second without network ends a night's work",
                "throw a TransientException with the cause for what may pass by itself");
    }
}
