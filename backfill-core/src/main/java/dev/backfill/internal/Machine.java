package dev.backfill.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Who this process is, for others that wait for it or take over from it. */
public final class Machine {

    private static final String NAME =
            "host " + host() + ", process " + ProcessHandle.current().pid();

    private Machine() {}

    /** Host and process number, for a person. */
    public static String name() {
        return NAME;
    }

    /**
     * This process among all others of its machine: boot, name space of process numbers, owner, number, start. Empty where the machine
     * does not tell.
     */
    public static Optional<String> process() {
        long self = ProcessHandle.current().pid();
        return realm().flatMap(realm -> start(self).map(start -> realm + " " + self + " " + start));
    }

    /**
     * Whether a process, told by its {@link #process()}, is certainly dead. False if it lives, is of another machine or owner, or cannot be
     * told.
     */
    public static boolean isDead(String process) {
        String[] parts = process.split(" ", -1);
        if (parts.length != 5 || !realm().equals(Optional.of(parts[0] + " " + parts[1] + " " + parts[2]))) {
            return false;
        }
        try {
            long number = Long.parseLong(parts[3]);
            long began = Long.parseLong(parts[4]);
            Optional<Long> other = start(number);
            return other.isPresent() ? other.get() != began : Files.notExists(Path.of("/proc/" + number));
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** When a process began, in ticks since the boot. Its time of day would not do: that moves whenever the clock is set. */
    private static Optional<Long> start(long process) {
        try {
            String stat =
                    new String(Files.readAllBytes(Path.of("/proc/" + process + "/stat")), StandardCharsets.ISO_8859_1);
            String behindName = stat.substring(stat.lastIndexOf(')') + 2); // the third value is the first here
            return Optional.of(Long.parseLong(behindName.split(" ", -1)[22 - 3]));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * The same only for processes that see each other's numbers: one boot of one machine, one name space, one owner (a machine may
     * hide the processes of others).
     */
    private static Optional<String> realm() {
        try {
            String boot = new String(
                            Files.readAllBytes(Path.of("/proc/sys/kernel/random/boot_id")), StandardCharsets.US_ASCII)
                    .strip();
            Path self = Path.of("/proc/self");
            return Optional.of(boot + " " + Files.readSymbolicLink(self.resolve("ns/pid")) + " "
                    + Files.getAttribute(self, "unix:uid"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
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
