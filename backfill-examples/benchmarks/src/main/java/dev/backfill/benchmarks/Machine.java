package dev.backfill.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the kernel knows of processes and of the load. */
final class Machine {

    private static final Path PROC = Path.of("/proc");
    private static final double TICKS = 100; // of a second, on every Linux that Java runs on

    private Machine() {}

    /** How many processes were running or wanted to, in the last minute. */
    static double load() throws IOException {
        return Double.parseDouble(Files.readString(PROC.resolve("loadavg")).split(" ", 2)[0]);
    }

    /** The most memory that the process has had, in bytes. */
    static double peakResident(long pid) throws IOException {
        for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
            if (line.startsWith("VmHWM:")) {
                return 1024.0 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("the kernel does not tell the memory of process " + pid);
    }

    /** The processor time of a process and of those of its children that have ended. */
    static double cpuSeconds(long pid) throws IOException {
        List<String> fields = stat(pid);
        return fields.isEmpty()
                ? 0
                : (number(fields, 11) + number(fields, 12) + number(fields, 13) + number(fields, 14)) / TICKS;
    }

    /** The processor time of a process and of all of its children. */
    static double cpuSecondsWithChildren(long pid) throws IOException {
        double seconds = cpuSeconds(pid);
        for (ProcessHandle child :
                ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).toList()) {
            seconds += cpuSeconds(child.pid());
        }
        return seconds;
    }

    private static double number(List<String> fields, int at) {
        return Long.parseLong(fields.get(at));
    }

    /** What follows the name, which may have blanks in it; empty for a process that has ended. */
    private static List<String> stat(long pid) throws IOException {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** One line about the machine and its software. */
    static String described() throws IOException {
        List<String> parts = new ArrayList<>();
        parts.add(Runtime.getRuntime().availableProcessors() + " cores");
        Path cpus = PROC.resolve("cpuinfo");
        if (Files.exists(cpus)) {
            try (var lines = Files.lines(cpus)) {
                lines.filter(line -> line.startsWith("model name"))
                        .findFirst()
                        .ifPresent(line ->
                                parts.add(line.substring(line.indexOf(':') + 1).strip()));
            }
        }
        parts.add(System.getProperty("os.name") + " " + System.getProperty("os.version"));
        parts.add("JDK " + System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + ")");
        return String.format(Locale.ROOT, "%s, load %.2f at the start", String.join(", ", parts), load());
    }
}
