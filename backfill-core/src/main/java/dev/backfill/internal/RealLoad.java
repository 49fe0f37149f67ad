package dev.backfill.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The processors that this process may use. Of what others take it learns from Linux only, and of a container that may have a part of a
 * processor only that it has less than that.
 */
final class RealLoad implements Tasks.Load {

    private static final double TAKEN = 0.9;

    /** Of the processors. A process with less waits for something else than them, whatever its neighbours do. */
    private static final double GOOD_PART = 0.25;

    private static final Path ALL = Path.of("/proc/stat");

    private final Time clock = new RealTime();
    private Seen last = see();

    /**
     * What was counted up to a moment.
     *
     * @param own nanoseconds of processors that this process has used
     * @param busy ticks in which the machine's processors were taken
     * @param all ticks in which they could have been; 0 if the machine does not tell
     */
    private record Seen(long time, long own, long busy, long all) {}

    /**
     * What part of the processors was taken.
     *
     * @param own by this process, of those that it may use
     * @param all by all processes of the machine, of its own; 0 if it does not tell
     */
    record Taken(double own, double all) {

        boolean isFull() {
            return own >= TAKEN || (own >= GOOD_PART && all >= TAKEN);
        }
    }

    @Override
    public boolean isFull() {
        return taken().isFull();
    }

    /** What was taken since the last call. */
    Taken taken() {
        Seen before = last;
        last = see();
        double own = (double) (last.own() - before.own())
                / (last.time() - before.time())
                / Runtime.getRuntime().availableProcessors();
        return new Taken(own, (double) (last.busy() - before.busy()) / Math.max(1, last.all() - before.all()));
    }

    private Seen see() {
        long own = ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
        try {
            String[] words = new String(Files.readAllBytes(ALL), StandardCharsets.US_ASCII).split(" +", 10);
            long user = Long.parseLong(words[1]) + Long.parseLong(words[2]);
            long system = Long.parseLong(words[3]) + Long.parseLong(words[6]) + Long.parseLong(words[7]);
            long stolen = Long.parseLong(words[8]);
            long idle = Long.parseLong(words[4]) + Long.parseLong(words[5]); // the latter waits for disks
            long busy = user + system + stolen;
            return new Seen(clock.nanos(), own, busy, busy + idle);
        } catch (IOException | RuntimeException e) {
            return new Seen(clock.nanos(), own, 0, 0); // not Linux
        }
    }
}
