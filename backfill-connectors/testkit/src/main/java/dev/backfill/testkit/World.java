package dev.backfill.testkit;

import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A machine in memory, with a clock, a disk and threads of its own, that can be made to die or to fail at any of its operations.
 *
 * <p>All of it is drawn from one seed, so what happens once happens again. Sources, sinks and checkpoints take part when they are
 * {@linkplain #source wrapped}; files do by themselves. What is not wrapped happens in no time and never fails.
 */
public final class World {

    /** How an operation goes wrong. */
    public enum Fault {
        /** The process dies before the operation has begun. */
        CRASH_BEFORE,
        /** The process dies in the middle: half a file or half a batch is written. */
        CRASH_TORN,
        /** The process dies when the operation is done and nobody knows it yet. */
        CRASH_AFTER,
        /** The machine loses power before the operation: what was not synced to its disk is gone. */
        POWER_LOSS,
        /** The operation fails before it has begun, with an {@link IOException}. */
        FAIL_BEFORE,
        /** The operation fails in the middle with an {@link IOException}, half done, as on a full disk. */
        FAIL_TORN,
        /** The operation is done and its answer is lost, with an {@link IOException}. */
        FAIL_AFTER;

        /** Whether the process dies of it. */
        boolean deadly() {
            return this != FAIL_BEFORE && this != FAIL_TORN && this != FAIL_AFTER;
        }
    }

    private static final long LATENCY = Duration.ofMillis(5).toNanos();

    private final SplittableRandom random;
    private final VirtualDisk disk = new VirtualDisk(this);
    private final List<String> trace = new ArrayList<>();

    private VirtualThreads threads;
    private long time;
    private Faults faults = (operation, what) -> null;
    private boolean powerLost;
    private int operations;
    private int processes;
    private long pagesRead;
    private long recordsWritten;

    /** A machine whose chances are drawn from this seed. */
    public World(long seed) {
        this.random = new SplittableRandom(seed);
        this.threads = new VirtualThreads(random.split(), 0, 0);
    }

    /** Something that is done to the world. */
    @FunctionalInterface
    interface Action {
        void run() throws IOException;
    }

    /** Something that happens in the world. */
    @FunctionalInterface
    public interface Body<T> {

        /** Runs; whatever it makes lives in this world. */
        T run() throws Exception;
    }

    /** Decides what goes wrong. */
    @FunctionalInterface
    interface Faults {

        /** How the operation of this number, counted from 1 over all runs, goes wrong; null if it does not. */
        @Nullable
        Fault at(int operation, String what);
    }

    /** Lets operations go wrong. */
    void faults(Faults which) {
        faults = which;
    }

    /** Lets one operation go wrong. */
    void faultAt(int operation, Fault how) {
        faults((number, what) -> number == operation ? how : null);
    }

    /** Stops the whole process for a while, as a signal or a virtual machine that is moved does. */
    void pause(Duration time) {
        threads.advance(time.toNanos());
        trace.add("paused for " + time);
    }

    /** Sets the wall clock forward or back; the other clock does not notice. */
    void setWallClock(Duration ahead) {
        threads.wallAhead(ahead.toNanos());
        trace.add("the wall clock is " + ahead + " ahead");
    }

    /** The time of the clock that only goes forward. */
    long nanos() {
        return threads.nanos();
    }

    /** The number of the process that runs, from 1. */
    int process() {
        return processes;
    }

    /** Operations so far. */
    int operations() {
        return operations;
    }

    /** Pages read so far, repeats included. */
    public long pagesRead() {
        return pagesRead;
    }

    /** Records written so far by sinks of this world, repeats included. */
    public long recordsWritten() {
        return recordsWritten;
    }

    /** What happened, an operation a line. */
    public List<String> trace() {
        return List.copyOf(trace);
    }

    /**
     * Runs the body as a process of this machine, until all of its threads have ended.
     *
     * @return its result, or empty if the process died; the next call is the next process
     * @throws Exception what the body threw
     */
    public <T> Optional<T> run(Body<T> body) throws Exception {
        AtomicReference<@Nullable T> result = new AtomicReference<>();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Ports ports = new Ports(threads, disk, threads);
        processes++;
        try {
            threads.run(() -> {
                try {
                    result.set(Ports.bound(ports, body::run));
                } catch (Exception e) {
                    failure.set(e);
                }
            });
        } catch (Crash e) {
            trace.add(e.getMessage());
            if (powerLost) {
                disk.powerLost(random);
            }
            return Optional.empty();
        } finally {
            disk.processDied();
            time = threads.nanos() + Duration.ofSeconds(1).toNanos();
            threads = new VirtualThreads(random.split(), time, threads.wallAhead());
            powerLost = false;
        }
        Exception thrown = failure.get();
        if (thrown != null) {
            throw thrown;
        }
        return Optional.ofNullable(result.get());
    }

    /** Makes something that outlives the processes of a world. */
    static <T> T outside(Callable<T> making) {
        try {
            return Ports.bound(Ports.REAL, making);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    void io(String what, Action whole) throws IOException {
        io(what, whole, () -> {});
    }

    /** An operation, which may go wrong here. */
    void io(String what, Action whole, Action torn) throws IOException {
        if (!threads.inUse()) { // between two processes nothing goes wrong
            whole.run();
            return;
        }
        threads.step();
        threads.advance(random.nextLong(LATENCY) + 1);
        operations++;
        Fault fault = faults.at(operations, what);
        trace.add(operations + " " + what + (fault == null || fault.deadly() ? "" : ", " + fault));
        if (fault == null) {
            whole.run();
            threads.step();
            return;
        }
        switch (fault) {
            case CRASH_AFTER, FAIL_AFTER -> whole.run();
            case CRASH_TORN, FAIL_TORN -> torn.run();
            case CRASH_BEFORE, POWER_LOSS, FAIL_BEFORE -> {}
        }
        powerLost = fault == Fault.POWER_LOSS;
        if (fault.deadly()) {
            Crash crash = new Crash(fault + " at operation " + operations + ", " + what);
            threads.die(crash);
            throw crash;
        }
        throw new IOException(fault + " at operation " + operations + ", " + what);
    }

    // ---- parts that take part

    /** This source as a part of the world: each page read is an operation. */
    public <T> Source<T> source(Source<T> source) {
        return new Source<>() {
            @Override
            public Page<T> read(Cursor from) throws Exception {
                io("read " + from, () -> pagesRead++);
                return source.read(from);
            }

            @Override
            public Paging paging() {
                return source.paging();
            }

            @Override
            public String definition() {
                return source.definition();
            }

            @Override
            public Optional<RateLimiter> limiter() {
                return source.limiter();
            }
        };
    }

    /** The parts of this source as parts of the world. */
    public <T> Partitioned<T> partitioned(Partitioned<T> source) {
        return new Partitioned<>() {
            @Override
            public List<Partition<T>> partitions() throws Exception {
                return wrapped(source.partitions());
            }

            @Override
            public List<Partition<T>> partitions(List<String> known) throws Exception {
                return wrapped(source.partitions(known));
            }

            @Override
            public Paging paging() {
                return source.paging();
            }

            @Override
            public String definition() {
                return source.definition();
            }

            @Override
            public Optional<RateLimiter> limiter() {
                return source.limiter();
            }

            @Override
            public boolean overlapping() {
                return source.overlapping();
            }
        };
    }

    private <T> List<Partition<T>> wrapped(List<Partition<T>> parts) {
        return parts.stream()
                .map(part -> new Partition<>(part.name(), source(part.source()), part.end(), part.open()))
                .toList();
    }

    /** This sink as a part of the world: each batch is an operation, and a torn one writes its first half. */
    public <T> Sink<T> sink(Sink<T> sink) {
        return new Sink<>() {
            @Override
            public void write(Batch<T> batch) throws Exception {
                AtomicReference<@Nullable Exception> refused = new AtomicReference<>();
                io(
                        "write " + batch.size() + " records",
                        () -> pass(sink, batch, refused),
                        () -> pass(sink, Batch.of(batch.subList(0, batch.size() / 2)), refused));
                Exception failure = refused.get();
                if (failure != null) {
                    throw failure;
                }
            }

            @Override
            public void beginAnew() throws Exception {
                sink.beginAnew();
            }

            @Override
            public void begin(String partition, Cursor from) throws Exception {
                sink.begin(partition, from);
            }

            @Override
            public void end(String partition, boolean open) throws Exception {
                AtomicReference<@Nullable Exception> refused = new AtomicReference<>();
                io("end " + partition, () -> {
                    try {
                        sink.end(partition, open);
                    } catch (Exception e) {
                        refused.set(e);
                    }
                });
                Exception failure = refused.get();
                if (failure != null) {
                    throw failure;
                }
            }

            @Override
            public int batchSize() {
                return sink.batchSize();
            }

            @Override
            public String key(T record) {
                return sink.key(record);
            }

            @Override
            public String definition() {
                return sink.definition();
            }

            @Override
            public boolean orderFree() {
                return sink.orderFree();
            }
        };
    }

    private <T> void pass(Sink<T> sink, Batch<T> batch, AtomicReference<@Nullable Exception> failure) {
        try {
            sink.write(batch);
            recordsWritten += batch.size();
        } catch (Exception e) {
            failure.set(e);
        }
    }

    /** This checkpoint as a part of the world: whatever is saved is an operation that is done whole or not at all. */
    public Checkpoint checkpoint(Checkpoint checkpoint) {
        return new WorldCheckpoint(this, checkpoint);
    }

    /** An empty database in this world, whose rows and progress are committed together. */
    public Database database() {
        return new Database(this);
    }

    void written(int records) {
        recordsWritten += records;
    }
}
