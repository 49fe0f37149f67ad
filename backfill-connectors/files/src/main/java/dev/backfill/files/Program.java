package dev.backfill.files;

import dev.backfill.internal.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program of the machine: its arguments as they are, without a shell, for a limited time, with limited output.
 *
 * <p>Needs no thread of its own, and does not wait for what the program has left running behind itself.
 */
final class Program {

    /** How the machine writes names of files and arguments. */
    static final Charset NATIVE = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private static final int OUTPUT = 64 << 20;
    private static final int ERRORS = 16 << 10;
    private static final int SHOWN = 1000;
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long GRACE_SECONDS = 2;

    private Program() {}

    /**
     * What came of it.
     *
     * @param code its exit code; -1 if it was killed since its time was over
     * @param raw its output, each byte as a character; so it can be taken apart and given back whatever it is
     * @param errors the beginning of what it said on its error output, fit for a message
     */
    record Outcome(int code, String raw, String errors) {

        boolean succeeded() {
            return code == 0;
        }

        boolean late() {
            return code < 0;
        }

        /** The output as text of this machine. */
        String text() {
            return new String(raw.getBytes(StandardCharsets.ISO_8859_1), NATIVE);
        }
    }

    /**
     * Runs it to its end, or kills it with all that it has started.
     *
     * @param environment all that it is to see
     * @param input a file that it reads as its input; none for an empty one
     * @throws IOException if it cannot be started, or writes too much
     */
    static Outcome run(
            List<String> command,
            Path folder,
            Map<String, String> environment,
            @Nullable Path input,
            Duration limit,
            Time time)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        long begin = time.nanos();
        Process process = builder.start();
        try (InputStream out = process.getInputStream();
                InputStream errors = process.getErrorStream()) {
            process.getOutputStream().close();
            return follow(process, out, errors, begin, limit, time);
        } finally {
            if (process.isAlive()) {
                kill(process);
            }
        }
    }

    private static Outcome follow(
            Process process, InputStream out, InputStream errors, long begin, Duration limit, Time time)
            throws IOException, InterruptedException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        long pause = TimeUnit.MILLISECONDS.toNanos(1);
        while (true) {
            boolean ended = !process.isAlive(); // asked first: what it had to say is then there
            long left = limit.toNanos() - (time.nanos() - begin);
            if (!ended && left <= 0) {
                return new Outcome(-1, said.toString(StandardCharsets.ISO_8859_1), shown(complained.toString(NATIVE)));
            }
            boolean spoke = take(out, said, OUTPUT + 1);
            boolean more = take(errors, complained, ERRORS) || spoke;
            if (said.size() > OUTPUT) {
                throw new IllegalStateException("the program wrote more than " + OUTPUT + " bytes, and was ended");
            }
            if (more) {
                pause = TimeUnit.MILLISECONDS.toNanos(1);
            } else if (ended) {
                return new Outcome(
                        process.exitValue(),
                        said.toString(StandardCharsets.ISO_8859_1),
                        shown(complained.toString(NATIVE)));
            } else {
                boolean ignored = process.waitFor(Math.min(left, pause), TimeUnit.NANOSECONDS);
                pause = Math.min(pause * 2, LONGEST_PAUSE);
            }
        }
    }

    /** Takes what is there without waiting; what is too much is let fall. Whether there was anything. */
    private static boolean take(InputStream from, ByteArrayOutputStream into, int most) throws IOException {
        int there = from.available();
        if (there > 0) {
            byte[] bytes = from.readNBytes(there);
            into.write(bytes, 0, Math.max(0, Math.min(bytes.length, most - into.size())));
        }
        return there > 0;
    }

    /** Asks it to end, so that it takes its lock files away, and ends it and its descendants by force if it does not. */
    private static void kill(Process process) {
        List<ProcessHandle> descendants = process.descendants().toList();
        process.destroy();
        descendants.forEach(ProcessHandle::destroy);
        boolean interrupted = Thread.interrupted();
        try {
            boolean ignored = process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A text from outside as a message may have it: one line, of bounded length, without what is secret in addresses. */
    static String shown(String text) {
        String plain = text.replaceAll("(?<=://)[^\\s/]*@", "…@")
                .replaceAll("(://[^\\s?'\"]*)\\?[^\\s'\"]*", "$1?…")
                .strip()
                .replaceAll("\\s*\\R\\s*", "; ")
                .replaceAll("[\\p{Cc}\\p{Cf}]", "?");
        return plain.length() <= SHOWN ? plain : plain.substring(0, SHOWN) + "…";
    }
}
