package dev.backfill.files;

import static dev.backfill.files.Months.csv;
import static dev.backfill.files.Months.job;
import static dev.backfill.files.Months.month;
import static dev.backfill.files.Months.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.backfill.Batch;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import dev.backfill.internal.Ports;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that cannot be written, links, and rights. */
class FileSinkTroublesTest {

    @TempDir
    Path temporary = Path.of("");

    private static void writesNot(FileSink<Row> sink, String why) {
        assertThatIllegalStateException() // not an IOException, which would be tried again
                .isThrownBy(() -> {
                    sink.write(Batch.of(List.of(row(1))));
                    sink.end("all", false);
                })
                .withMessageContaining("cannot write in the folder")
                .withMessageContaining(why);
    }

    @Test
    void aFileInThePlaceOfTheFolderIsToldAtOnce() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "precious");

        writesNot(Csv.in(file, Row.class), file.toString());
        writesNot(Csv.in(file.resolve("data"), Row.class), file.toString());
        assertThatIllegalStateException()
                .isThrownBy(() -> Csv.in(file, Row.class).end("all", false))
                .withMessageContaining("name one that can be written");

        assertThat(file).content().isEqualTo("precious");
    }

    @Test
    void aFolderInThePlaceOfAFileIsToldAtOnce() throws Exception {
        Path folder = temporary.resolve("data");
        Files.createDirectories(folder.resolve("all.csv/inside"));

        assertThatIllegalStateException()
                .isThrownBy(() -> Csv.in(folder, Row.class).write(Batch.of(List.of(row(1)))))
                .withMessageContaining("no manifest");
        writesNot(Csv.in(folder, Row.class).replacing(), "all.csv");
    }

    @Test
    void aLinkInThePlaceOfTheWorkFolderIsRefused() throws Exception {
        Path elsewhere = Files.createDirectories(temporary.resolve("elsewhere"));
        Path folder = Files.createDirectories(temporary.resolve("data"));
        Files.createSymbolicLink(folder.resolve(".backfill"), elsewhere);

        writesNot(Csv.in(folder, Row.class), ".backfill");

        assertThat(elsewhere).isEmptyDirectory();
    }

    /** The link has come while the job was at work, and leads to what looks like its own work. */
    @Test
    void aLinkThatComesLaterIsRefusedToo() throws Exception {
        Path folder = temporary.resolve("data");
        Csv.in(folder, Row.class).write(Batch.of(List.of(row(1))));
        Path elsewhere = Files.move(folder.resolve(".backfill"), temporary.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve(".backfill"), elsewhere);

        writesNot(Csv.in(folder, Row.class), ".backfill");
        assertThatIllegalStateException()
                .isThrownBy(() -> Csv.in(folder, Row.class).end("all", false))
                .withMessageContaining(".backfill");
        assertThat(Months.names(folder)).isEmpty();
    }

    @Test
    void aLinkInThePlaceOfAFileIsReplacedAndNotFollowed() throws Exception {
        Path folder = Files.createDirectories(temporary.resolve("data"));
        Path target = Files.writeString(temporary.resolve("target"), "precious");
        Path file = Files.createSymbolicLink(folder.resolve("2020-01.csv"), target);

        job(new MemoryCheckpoint(), month(1, 4), Csv.in(folder, Row.class).replacing())
                .run();

        assertThat(target).content().isEqualTo("precious");
        assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(file).content().isEqualTo(csv(1, 4));
    }

    /** For the test below: a process with a umask of its own. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[0]);
            job(new MemoryCheckpoint(), month(1, 8), Csv.in(folder, Row.class)).run();
            job(new MemoryCheckpoint(), month(1, 8), JsonLines.in(folder).gzip())
                    .run();
        }
    }

    @Test
    void filesAreForTheirOwnerOnlyWhateverTheUmask() throws Exception {
        Path folder = temporary.resolve("new/data");
        List<String> paths = new ArrayList<>();
        for (String property : List.of("java.class.path", "jdk.module.path")) {
            paths.add(System.getProperty(property, ""));
        }
        for (Class<?> one : List.of(Child.class, Csv.class)) { // as a module is patched, one path has not both
            paths.add(Path.of(one.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        paths.add(Path.of("target/test-classes").toAbsolutePath().toString());
        Process child = new ProcessBuilder(
                        "sh",
                        "-c",
                        "umask 000; exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        String.join(File.pathSeparator, paths),
                        Child.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();

        List<String> rights = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder.getParent())) {
            for (Path path : all.toList()) {
                String right = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
                assertThat(right).as(path.toString()).isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                rights.add(right);
            }
        }
        assertThat(rights).hasSize(10); // three folders, two files with manifests and work, and what git is told
    }

    /** Two partitions that begin at one moment both make it. */
    @Test
    void theWorkFolderMayBeMadeBySeveralAtOnce() throws Exception {
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 300; round++) {
                Path folder = temporary.resolve("folder" + round);
                CyclicBarrier start = new CyclicBarrier(threads);
                List<Future<?>> made = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    made.add(pool.submit(() -> {
                        start.await();
                        Ports.REAL.disk().subfolder(folder);
                        return true;
                    }));
                }
                for (Future<?> one : made) {
                    one.get();
                }
            }
        } finally {
            pool.shutdown();
        }
    }
}
