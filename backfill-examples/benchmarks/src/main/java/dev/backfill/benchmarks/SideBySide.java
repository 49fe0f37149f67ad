package dev.backfill.benchmarks;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Some tasks, a thread each; the first that fails ends all. */
public final class SideBySide {

    private SideBySide() {}

    /** Returns when all have ended. */
    public static void run(List<? extends Callable<?>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            CompletionService<Object> running = new ExecutorCompletionService<>(threads);
            for (Callable<?> task : tasks) {
                running.submit(task::call);
            }
            for (int i = 0; i < tasks.size(); i++) {
                running.take().get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("one of the threads has failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
