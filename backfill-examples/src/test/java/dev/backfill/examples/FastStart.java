package dev.backfill.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Lets a JVM of the tests start in half the time, with an archive of the classes that another one has loaded. Such an archive is made of jars
 * only, so what lies in folders on the class path is packed first.
 */
final class FastStart {

    private static final Path FOLDER = Path.of("target", "fast-start").toAbsolutePath();
    private static final String CLASS_PATH = classPath();
    private static final Map<KilledStore.Kind, List<String>> ARCHIVES = new ConcurrentHashMap<>();

    private FastStart() {}

    /** What stands behind {@code java} for a job on this kind of store. */
    static List<String> options(KilledStore.Kind kind) {
        return options(ARCHIVES.computeIfAbsent(kind, FastStart::archive));
    }

    /** With these options for the archive. */
    static List<String> options(List<String> archive) {
        List<String> options = new ArrayList<>(
                List.of("-Xmx64m", "-Xlog:disable", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH));
        options.addAll(archive);
        return options;
    }

    private static List<String> archive(KilledStore.Kind kind) {
        try {
            Path file = FOLDER.resolve(kind.name().toLowerCase(java.util.Locale.ROOT) + ".jsa");
            Files.deleteIfExists(file);
            KilledStore store = KilledStore.of(kind, Files.createTempDirectory(FOLDER, "store"));
            List<String> options = options(List.of("-XX:ArchiveClassesAtExit=" + file));
            try (Child child = Child.of(Child.builder(store, List.of(), options, KilledJob.Fate.NOTHING, 0)
                    .start())) {
                child.completes();
            }
            return Files.exists(file) ? List.of("-XX:SharedArchiveFile=" + file) : List.of();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String classPath() {
        Path jar = FOLDER.resolve("classes.jar");
        List<String> entries = new ArrayList<>(List.of(jar.toString()));
        Set<String> packed = new HashSet<>();
        try {
            Files.createDirectories(FOLDER);
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
                for (String entry : System.getProperty("java.class.path").split(":", -1)) {
                    if (!entry.isEmpty() && Files.isDirectory(Path.of(entry))) {
                        pack(Path.of(entry), out, packed);
                    } else {
                        entries.add(entry);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return String.join(":", entries);
    }

    /** The first of two files of one name counts, as on a class path. */
    private static void pack(Path folder, JarOutputStream out, Set<String> packed) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            String name = folder.relativize(file).toString();
            if (packed.add(name)) {
                out.putNextEntry(new JarEntry(name));
                Files.copy(file, out);
            }
        }
    }
}
