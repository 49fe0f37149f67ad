package dev.backfill.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Who this process is, for others that wait for it or take over from it. */
public final class Machine {

    /** A process's start is told in parts of a second and may move a little with the wall clock. */
    private static final Duration SAME_START = Duration.ofSeconds(2);

    private static final String NAME =
            "host " + host() + ", process " + ProcessHandle.current().pid();

    private Machine() {}

    /** Host and process number, for a person. */
    public static String name() {
        return NAME;
    }

    /**
     * This process among all others of its machine: boot, name space of process numbers, number, start. Empty where the machine does
     * not tell.
     */
    public static Optional<String> process() {
        ProcessHandle self = ProcessHandle.current();
        return realm().flatMap(realm ->
                self.info().startInstant().map(start -> realm + " " + self.pid() + " " + start.toEpochMilli()));
    }

    /**
     * Whether a process, told by its {@link #process()}, is certainly dead. False if it lives, is of another machine, or cannot be told.
     */
    public static boolean isDead(String process) {
        String[] parts = process.split(" ", -1);
        if (parts.length != 4 || !realm().equals(Optional.of(parts[0] + " " + parts[1]))) {
            return false;
        }
        try {
            Instant start = Instant.ofEpochMilli(Long.parseLong(parts[3]));
            Optional<ProcessHandle> other = ProcessHandle.of(Long.parseLong(parts[2]));
            return other.isEmpty()
                    || other.get()
                            .info()
                            .startInstant()
                            .map(began -> Duration.between(start, began).abs().compareTo(SAME_START) > 0)
                            .orElse(false);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** The same only for processes that see each other's numbers: one boot of one machine, one name space. */
    private static Optional<String> realm() {
        try {
            String boot = new String(
                            Files.readAllBytes(Path.of("/proc/sys/kernel/random/boot_id")), StandardCharsets.US_ASCII)
                    .strip();
            return Optional.of(boot + " " + Files.readSymbolicLink(Path.of("/proc/self/ns/pid")));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty(); // not Linux
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
