package dev.backfill.testkit;

import java.util.Locale;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs something as on another machine: with another time zone or language, in another thread, or interrupted. */
final class Elsewhere {

    private Elsewhere() {}

    /** Where it is tomorrow already while it is today, or still yesterday, at home. */
    static <T> T inTimeZone(String id, Callable<T> body) throws Exception {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone(id));
        try {
            return body.call();
        } finally {
            TimeZone.setDefault(before);
        }
    }

    /** Where digits look different, or where the small I has a dot. */
    static <T> T inLanguage(String tag, Callable<T> body) throws Exception {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(tag));
        try {
            return body.call();
        } finally {
            Locale.setDefault(before);
        }
    }

    /** In a thread of its own. */
    static <T> T inAnotherThread(Callable<T> body) throws Exception {
        FutureTask<T> task = new FutureTask<>(body);
        Thread thread = new Thread(task, "another thread");
        thread.setDaemon(true);
        thread.start();
        return result(task);
    }

    static <T> T result(FutureTask<T> task) throws Exception {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof Exception exception ? exception : e;
        } catch (CancellationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In a thread that is interrupted already: empty if the body kept the interrupt or passed it on, else what it did instead. */
    static Optional<String> whatBecomesOfAnInterrupt(Callable<?> body) throws Exception {
        return inAnotherThread(() -> {
            Thread.currentThread().interrupt();
            String did = "it returned";
            try {
                body.call();
            } catch (InterruptedException e) {
                return Optional.empty();
            } catch (Exception e) {
                did = "it threw " + e;
            }
            return Thread.interrupted() ? Optional.empty() : Optional.of(did);
        });
    }
}
