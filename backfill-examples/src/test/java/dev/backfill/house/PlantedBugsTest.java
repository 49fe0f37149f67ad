package dev.backfill.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.house.OneTest.Outcome;
import dev.backfill.house.PlantedBug.Detector;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that the tests are sharp: bugs that others have made are put into copies of the product's sources, one at a time, and a test of the
 * suite must notice each. The product knows nothing of this.
 */
class PlantedBugsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path FOLDER = Path.of("src/test/resources/planted");

    /** One that must always be caught: if it is not, what is wrong is this test. */
    private static final String CANARY = "00-canary";

    private static final int BUGS = 30;

    private static final List<String> table = new ArrayList<>();
    private static final Set<Detector> passing = new HashSet<>();
    private static ClassLoader product;

    @TempDir
    static Path temp;

    /** Classes of the library and its tests come from these folders, the first that has one; all else is shared. */
    private static final class Loader extends URLClassLoader {

        Loader(List<Path> folders) {
            super(folders.stream().map(Loader::url).toArray(URL[]::new), Loader.class.getClassLoader());
        }

        private static URL url(Path folder) {
            try {
                return folder.toUri().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("dev.backfill.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }

    private static List<Path> folders(String kind) throws IOException {
        List<Path> folders = new ArrayList<>();
        Matcher module = Pattern.compile("<module>(.*)</module>").matcher(Files.readString(ROOT.resolve("pom.xml")));
        while (module.find()) {
            Path folder = ROOT.resolve(module.group(1)).resolve("target").resolve(kind);
            assertThat(folder)
                    .as("what this test needs of the module %s: build it before, as with -am", module.group(1))
                    .isDirectory();
            folders.add(folder);
        }
        return folders;
    }

    private static List<Path> all() throws IOException {
        return Stream.concat(folders("classes").stream(), folders("test-classes").stream())
                .toList();
    }

    private static List<PlantedBug> bugs() throws IOException {
        List<PlantedBug> bugs = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                bugs.add(PlantedBug.read(file));
            }
        }
        return bugs;
    }

    @Test
    void thereAreThirtyAndACanary() throws IOException {
        assertThat(bugs())
                .hasSize(BUGS + 1)
                .first()
                .extracting(PlantedBug::name)
                .isEqualTo(CANARY);
        assertThat(bugs()).extracting(PlantedBug::sentence).doesNotHaveDuplicates();
    }

    @TestFactory
    Stream<DynamicTest> everyPlantedBugIsCaught() throws IOException {
        product = new Loader(all());
        return bugs().stream()
                .map(bug -> DynamicTest.dynamicTest(bug.name() + ": " + bug.sentence(), () -> catches(bug)));
    }

    private static void catches(PlantedBug bug) throws Exception {
        Detector detector = bug.detector();
        if (passing.add(detector)) {
            Outcome without = bug.forked() ? forked(List.of(), bug) : here(product, bug);
            assertThat(without.failure()).as("%s without the bug", detector).isEmpty();
            assertThat(without.tests()).as("tests that %s has run", detector).isPositive();
        }
        Path folder = temp.resolve(bug.name());
        bug.compile(ROOT, folders("classes"), folder);
        Path planted = folder.resolve("classes");
        List<Path> first = Stream.concat(Stream.of(planted), all().stream()).toList();
        Outcome with = bug.forked() ? forked(List.of(planted), bug) : here(new Loader(first), bug);
        assertThat(with.misfit())
                .as("%s failed for no reason of behaviour: %s", detector, with.failure())
                .isFalse();
        assertThat(with.failure())
                .as("%s notices that %s", detector, bug.sentence())
                .isPresent();
        String why = String.valueOf(with.failure().get().getMessage()).strip();
        System.out.println("[" + bug.name() + "] " + why.lines().limit(3).collect(Collectors.joining(" | ")));
        if (!bug.name().equals(CANARY)) {
            table.add("  " + bug.name() + ": " + bug.sentence() + " → " + detector);
        }
    }

    /** Runs a test in a thread of its own, which is interrupted if the bug keeps it from ending. */
    private static Outcome here(ClassLoader loader, PlantedBug bug) throws InterruptedException {
        Detector detector = bug.detector();
        AtomicReference<Outcome> outcome = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(() -> outcome.set(OneTest.run(loader, detector)), detector.toString());
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((where, e) -> failure.set(e));
        thread.start();
        thread.join(bug.seconds() * 1000L);
        if (thread.isAlive()) {
            thread.interrupt();
            thread.join(bug.seconds() * 1000L);
        }
        if (outcome.get() == null) {
            throw new AssertionError(detector + " did not run to its end", failure.get());
        }
        return outcome.get();
    }

    private static Outcome forked(List<Path> first, PlantedBug bug) throws Exception {
        Detector detector = bug.detector();
        String separator = System.getProperty("path.separator");
        String path = Stream.concat(first.stream(), all().stream())
                        .map(Path::toString)
                        .collect(Collectors.joining(separator))
                + separator
                + System.getProperty("java.class.path")
                + separator
                + engine();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        path,
                        OneTest.class.getName(),
                        detector.full())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(bug.seconds(), TimeUnit.SECONDS)).isTrue();
        return switch (process.exitValue()) {
            case 0 -> new Outcome(1, java.util.Optional.empty());
            case 1 -> new Outcome(1, java.util.Optional.of(new AssertionError(said)));
            default -> throw new AssertionError(detector + " could not be run: " + said);
        };
    }

    /** Where JUnit's engine is, which Maven adds to this process by itself. */
    private static Path engine() throws Exception {
        Class<?> engine = Class.forName("org.junit.jupiter.engine.JupiterTestEngine");
        return Path.of(
                engine.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @AfterAll
    static void printsWhichTestCatchesWhat() {
        System.out.println("planted bugs caught: " + table.size() + " / " + BUGS);
        table.forEach(System.out::println);
    }
}
