package dev.backfill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a host has said of its job. Nothing in it changes once {@link #with} has given it out. */
final class Job {

    private final String name;
    List<Stage<?, ?>> stages = List.of();

    @Nullable
    Checkpoint checkpoint;

    /** Partitions side by side; 0 if the run finds out how many. */
    int parallel;
    /** 0 for what the sink likes. */
    int batch;

    Duration patience = Duration.ofMinutes(15);
    Duration waitFor = Duration.ZERO;
    long maxDead = 1_000;
    double maxDeadShare = 0.1;
    boolean payloads;
    String version = "";
    List<Consumer<? super Event>> listeners = List.of();
    ThreadFactory threads = Thread::new;
    Duration grace = Duration.ofSeconds(10);
    boolean signals;
    boolean repeating;

    @Nullable
    Duration stopAfter;

    long stopAfterCalls = Long.MAX_VALUE;
    double accept = 1;

    Job(String name) {
        checkName("a job", name);
        this.name = name;
    }

    /** A copy with a change. */
    Job with(Consumer<Job> change) {
        Job copy = new Job(name);
        copy.stages = stages;
        copy.checkpoint = checkpoint;
        copy.parallel = parallel;
        copy.batch = batch;
        copy.patience = patience;
        copy.waitFor = waitFor;
        copy.maxDead = maxDead;
        copy.maxDeadShare = maxDeadShare;
        copy.payloads = payloads;
        copy.version = version;
        copy.listeners = listeners;
        copy.threads = threads;
        copy.grace = grace;
        copy.signals = signals;
        copy.repeating = repeating;
        copy.stopAfter = stopAfter;
        copy.stopAfterCalls = stopAfterCalls;
        copy.accept = accept;
        change.accept(copy);
        return copy;
    }

    static void checkName(String what, String name) {
        if (name.isBlank() || name.length() > 200) {
            throw new IllegalArgumentException(what + " needs a name of 1 to 200 characters, not '" + name + "'");
        }
    }

    static int between(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " must be from 1 to " + most + ", not " + value);
        }
        return value;
    }

    static Duration notNegative(String what, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(what + " must not be negative, and is " + value);
        }
        return value;
    }

    /** The list with one more at its end. */
    static <T> List<T> and(List<? extends T> list, T more) {
        List<T> longer = new ArrayList<>(list);
        longer.add(more);
        return List.copyOf(longer);
    }

    void add(Stage<?, ?> stage) {
        if (stages.stream().anyMatch(other -> other.phase().equals(stage.phase()))) {
            throw new IllegalArgumentException(
                    "two phases are called '" + stage.phase() + "'; give each a name of its own with phase(name)");
        }
        stages = and(stages, stage);
    }

    String name() {
        return name;
    }

    /** The checkpoint, or an error that says to give one. */
    Checkpoint checkpoint() {
        if (stages.isEmpty()) {
            throw new IllegalStateException("the job '" + name + "' has no phase; say from(source).into(sink)");
        }
        return Optional.ofNullable(checkpoint)
                .orElseThrow(() -> new IllegalStateException("the job '" + name
                        + "' has no checkpoint; say checkpoint(FileCheckpoint.in(folder)), or checkpoint(new"
                        + " MemoryCheckpoint()) to lose all progress with the process"));
    }

    /** What must stay the same for the job's progress to mean the same; a line for each thing. */
    String definition() {
        StringBuilder text = new StringBuilder("version " + version + "\n");
        for (Stage<?, ?> stage : stages) {
            String phase = "phase " + stage.phase();
            text.append(phase).append('\n');
            lines(text, phase + " source ", stage.source().definition());
            lines(text, phase + " sink ", stage.sink().definition());
        }
        return text.toString();
    }

    private static void lines(StringBuilder text, String prefix, String said) {
        said.lines().forEach(line -> text.append(prefix).append(line).append('\n'));
    }
}
