package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** A process of {@link KilledJob}, and what is done to it. */
final class Child implements AutoCloseable {

    /** What a JVM takes for granted differs from one process to the next: none of it may be seen in what the job leaves. */
    private static final List<List<String>> HABITS = List.of(
            List.of(),
            List.of("-Duser.language=tr", "-Duser.country=TR"),
            List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.timezone=Pacific/Apia"),
            List.of("-Duser.language=th", "-Duser.country=TH", "-Duser.variant=TH"),
            List.of("-Dfile.encoding=US-ASCII", "-Duser.timezone=America/St_Johns"),
            List.of("-Dfile.encoding=ISO-8859-1", "-Duser.language=fa"));

    /** A JVM does not take signals that were ignored where it was started, as those of a terminal are in the background. */
    private static final List<String> WITH_SIGNALS = withSignals();

    private final Process process;
    private final BufferedReader out;
    private final StringBuilder said = new StringBuilder();

    private Child(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.ISO_8859_1);
    }

    private static List<String> withSignals() {
        List<String> command = List.of("env", "--default-signal=INT,HUP");
        List<String> tried = new ArrayList<>(command);
        tried.add("true");
        return works(tried) ? command : List.of();
    }

    static boolean works(List<String> command) {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Child start(KilledStore store, KilledJob.Fate fate, int at, String... more) throws IOException {
        return new Child(builder(store, WITH_SIGNALS, with(store, List.of(more)), fate, at)
                .start());
    }

    /** With the language, time zone, encoding and folder of another machine. */
    static Child startElsewhere(KilledStore store, KilledJob.Fate fate, int at, SplittableRandom random)
            throws IOException {
        ProcessBuilder builder =
                builder(store, List.of(), with(store, HABITS.get(random.nextInt(HABITS.size()))), fate, at);
        Path elsewhere = Files.createDirectories(store.folder().resolve("folder " + random.nextInt(3)));
        return new Child(builder.directory(elsewhere.toFile()).start());
    }

    /** The options of a quick start, and these. */
    static List<String> with(KilledStore store, List<String> more) {
        List<String> options = new ArrayList<>(FastStart.options(store.kind()));
        options.addAll(more);
        return options;
    }

    /** The command is given to another program, which starts it. */
    static ProcessBuilder builder(
            KilledStore store, List<String> by, List<String> options, KilledJob.Fate fate, int at) {
        List<String> command = new ArrayList<>(by);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                KilledJob.class.getName(), store.place(), store.progress().toString(), fate.name(), "" + at));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    static Child of(Process process) {
        return new Child(process);
    }

    /** Reads what it says until this line has come so often; false if it has ended before. */
    boolean says(String line, int times) throws IOException {
        int seen = 0;
        while (seen < times) {
            String next = out.readLine();
            if (next == null) {
                return false;
            }
            said.append(next).append('\n');
            seen += next.equals(line) ? 1 : 0;
        }
        return true;
    }

    /** As {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    void signal(String name) throws IOException, InterruptedException {
        signal(name, process.toHandle());
    }

    static void signal(String name, ProcessHandle to) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, "" + to.pid())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Waits so long at most for its end. */
    boolean endsWithin(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Nobody reads any more what it says. */
    void closeOutput() throws IOException {
        out.close();
    }

    int end() throws Exception {
        String next = out.readLine();
        while (next != null) {
            said.append(next).append('\n');
            next = out.readLine();
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    int endUnread() throws Exception {
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    String said() {
        return said.toString();
    }

    void completes() throws Exception {
        int code = end();
        assertThat(said()).contains("ended COMPLETE");
        assertThat(code).as(said()).isZero();
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
    }
}
