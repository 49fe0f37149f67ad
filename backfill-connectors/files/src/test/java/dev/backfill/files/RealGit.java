package dev.backfill.files;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** What a person does with git beside the library. */
final class RealGit {

    private RealGit() {}

    /** What a command says; it must succeed. */
    static String run(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git", "-c", "user.name=A Person", "-c", "user.email=person@x"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_") && !name.startsWith("GIT_CONFIG"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", arguments) + ": " + said);
        }
        return said.strip();
    }

    /** A repository with one commit, on the branch main. */
    static Path repository(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        run(folder, "init", "-q", "-b", "main");
        write(folder.resolve("README"), "hello\n");
        run(folder, "add", "README");
        run(folder, "commit", "-q", "-m", "begin");
        return folder;
    }

    /** A repository that others push to; empty. */
    static Path bare(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        run(folder, "init", "-q", "--bare", "-b", "main");
        return folder;
    }

    /** A clone of it. */
    static Path clone(Path bare, Path folder) throws IOException, InterruptedException {
        run(bare, "clone", "-q", bare.toString(), folder.toString());
        run(folder, "checkout", "-q", "-B", "main");
        return folder;
    }

    static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    static Path file(Path folder, String name, String text) throws IOException {
        return write(folder.resolve(name), text);
    }

    static List<String> lines(Path folder, String... arguments) throws IOException, InterruptedException {
        String said = run(folder, arguments);
        return said.isEmpty() ? List.of() : said.lines().toList();
    }

    /** Something done at each wait, instead of waiting. */
    @FunctionalInterface
    interface Meanwhile {
        void waited(int times);
    }

    /** Makes something whose waits take no time. */
    static <T> T impatient(Meanwhile meanwhile, Callable<T> made) throws Exception {
        return Ports.bound(new Ports(new Impatient(meanwhile), Ports.REAL.disk(), Ports.REAL.tasks()), made);
    }

    private static final class Impatient implements Time {
        private final Meanwhile meanwhile;
        private int waits;

        Impatient(Meanwhile meanwhile) {
            this.meanwhile = meanwhile;
        }

        @Override
        public long nanos() {
            return Ports.REAL.time().nanos();
        }

        @Override
        public Instant now() {
            return Ports.REAL.time().now();
        }

        @Override
        public void sleep(long nanos) {
            waits++;
            meanwhile.waited(waits);
        }

        @Override
        public double random() {
            return Ports.REAL.time().random();
        }
    }
}
