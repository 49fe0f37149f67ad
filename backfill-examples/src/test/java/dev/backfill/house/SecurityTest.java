package dev.backfill.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.backfill.Secret;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is nowhere in the product, looked for in its class files; and what is nowhere in the repository. */
class SecurityTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SECRET = Pattern.compile("(?i).*(token|password|secret|credential|api_?key).*");

    /** The ports of a thread. */
    private static final String[] ALLOWED = {
        "dev.backfill.internal.Ports.BOUND is a java.lang.ThreadLocal$SuppliedThreadLocal"
    };

    /** Of secrets as services give them. Those of tests are made up, and too short for these. */
    private static final List<Pattern> TOKENS = Stream.of(
                    "gh[pousr]_[A-Za-z0-9]{36}",
                    "github_pat_[A-Za-z0-9_]{60,}",
                    "AKIA[0-9A-Z]{16}",
                    "xox[abps]-[0-9A-Za-z-]{20,}",
                    "\\bsecret_[A-Za-z0-9]{43}\\b",
                    "\\bntn_[A-Za-z0-9]{40,}",
                    "\\bsbp_[a-f0-9]{40}\\b",
                    "\\bsk_live_[A-Za-z0-9]{20,}",
                    "-----BEGIN [A-Z ]*PRIVATE KEY-----\\s+[A-Za-z0-9+/=]{40,}")
            .map(Pattern::compile)
            .toList();

    private static List<Path> classFiles() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().contains("/target/classes/")
                            && file.toString().endsWith(".class"))
                    .filter(file -> !file.toString().contains("/target/it/"))
                    .toList();
        }
    }

    /** Where the classes of the library are. */
    private static List<Path> folders() throws IOException {
        try (Stream<Path> all = Files.walk(ROOT, 4)) {
            List<Path> folders = all.filter(folder -> folder.endsWith("target/classes"))
                    .filter(folder -> !folder.toString().contains("examples"))
                    .toList();
            assertThat(folders).hasSizeGreaterThan(10);
            return folders;
        }
    }

    /** Class files of the product in whose constants one of these words stands. */
    private static List<String> holding(List<Path> files, String... words) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
            for (String word : words) {
                if (bytes.contains(word)) {
                    found.add(file.getFileName() + " has " + word);
                }
            }
        }
        return found;
    }

    @Test
    void nothingTrustsEveryCertificateOrHost() throws IOException {
        assertThat(holding(
                        classFiles(),
                        "X509TrustManager",
                        "X509ExtendedTrustManager",
                        "HostnameVerifier",
                        "disableHostnameVerification",
                        "setEndpointIdentificationAlgorithm",
                        "NonValidatingFactory",
                        "javax/net/ssl/SSLContext"))
                .isEmpty();
    }

    @Test
    void nothingIsMadeOfClassesThatDataNames() throws IOException {
        assertThat(holding(
                        classFiles(),
                        "ObjectInputStream",
                        "XMLDecoder",
                        "activateDefaultTyping",
                        "JsonTypeInfo",
                        "javax/xml/parsers",
                        "org/yaml/",
                        "javax/naming/",
                        "javax/script/"))
                .isEmpty();
    }

    /** But for a look-up, whose numbers have a hundred digits at most, and the stand-ins of vendors. */
    @Test
    void noNumberOfTheOtherSideIsUnfolded() throws IOException {
        List<Path> files = classFiles().stream()
                .filter(file -> !file.toString().contains("/simulators/"))
                .toList();
        assertThat(holding(files, "toBigInteger")).allMatch(found -> found.startsWith("Lookup.class"));
    }

    @Test
    void programsAreStartedWithoutAShellInOnePlace() throws IOException {
        List<Path> files = classFiles();
        assertThat(holding(files, "/bin/sh", "/bin/bash", "cmd.exe", "powershell"))
                .isEmpty();
        assertThat(holding(files, "(Ljava/lang/String;)Ljava/lang/Process;")).isEmpty();
        List<Path> used = files.stream()
                .filter(file -> !file.toString().contains("/benchmarks/"))
                .toList();
        assertThat(holding(used, "java/lang/ProcessBuilder"))
                .as("git's, and an example that starts what it needs; each contender of a benchmark is a process too")
                .allMatch(found -> found.startsWith("Program.class") || found.startsWith("StartedInventory.class"));
    }

    /** So no body and no header of an answer is in any log. */
    @Test
    void whatCallsServicesLogsNothing() throws IOException {
        List<Path> files = classFiles().stream()
                .filter(file -> file.toString().contains("/http/target/"))
                .toList();
        assertThat(files).hasSizeGreaterThan(10);
        assertThat(holding(files, "org/slf4j", "java/util/logging", "java/lang/System$Logger"))
                .isEmpty();
    }

    /** Two runs in one JVM share nothing by accident: what is static does not change. */
    @Test
    void nothingIsGatheredInStatics() throws Exception {
        List<String> found = new ArrayList<>();
        List<URL> places = new ArrayList<>();
        for (Path folder : folders()) {
            places.add(folder.toUri().toURL()); // not all of them are on the class path of the examples
        }
        ClassLoader all = new URLClassLoader(places.toArray(URL[]::new), SecurityTest.class.getClassLoader());
        for (JavaClass type : new ClassFileImporter().importPaths(folders())) {
            for (JavaField field : type.getFields()) {
                if (field.getModifiers().contains(JavaModifier.STATIC)
                        && !field.getModifiers().contains(JavaModifier.SYNTHETIC)) {
                    Field reflected = Class.forName(type.getName(), true, all).getDeclaredField(field.getName());
                    reflected.setAccessible(true);
                    Object value = reflected.get(null);
                    String kind = value == null ? "" : value.getClass().getName();
                    boolean gathers = value instanceof Collection<?>
                            || value instanceof Map<?, ?>
                            || value instanceof ThreadLocal<?>
                            || kind.startsWith("java.util.concurrent.atomic.");
                    if (gathers && !kind.contains("Immutable") && !kind.contains("Unmodifiable")) {
                        found.add(field.getFullName() + " is a " + kind);
                    }
                }
            }
        }
        assertThat(found).containsExactlyInAnyOrder(ALLOWED);
    }

    @Test
    void aSecretIsNoText() throws IOException {
        List<String> found = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter().importPaths(folders())) {
            boolean ofTheKit = type.getPackageName().equals("dev.backfill.testkit"); // whose token is made up
            if (type.getModifiers().contains(JavaModifier.PUBLIC) && !ofTheKit && !type.isEquivalentTo(Secret.class)) {
                Stream.concat(type.getFields().stream(), type.getMethods().stream())
                        .filter(member -> SECRET.matcher(member.getName()).matches())
                        .filter(SecurityTest::isText)
                        .forEach(member -> found.add(member.getFullName()));
            }
        }
        assertThat(found).as("of public types, what should be a Secret").isEmpty();
        assertThat(Serializable.class.isAssignableFrom(Secret.class)).isFalse();
        assertThat(Secret.of("NAME", "S3CR3T-x").toString()).doesNotContain("S3CR3T");
    }

    private static boolean isText(JavaMember member) {
        return member instanceof JavaField field
                ? field.getRawType().isEquivalentTo(String.class)
                : member instanceof JavaMethod method
                        && method.getRawReturnType().isEquivalentTo(String.class);
    }

    private static boolean isOurs(Path file) {
        String path = ROOT.relativize(file).toString();
        return !path.contains("target/")
                && !path.startsWith(".git/")
                && !path.startsWith(".idea/")
                && !path.contains("backfill-home/");
    }

    @Test
    void theRepositoryHoldsNoSecretAndNoBinary() throws IOException {
        List<String> found = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(ROOT)) {
            files = all.filter(Files::isRegularFile)
                    .filter(SecurityTest::isOurs)
                    .toList();
        }
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            if (text.indexOf('\0') >= 0 || text.startsWith("PK\u0003\u0004")) {
                found.add(file + " is binary");
            }
            TOKENS.stream()
                    .filter(token -> token.matcher(text).find())
                    .forEach(token -> found.add(file + " has " + token));
        }
        assertThat(files).hasSizeGreaterThan(500);
        assertThat(found).isEmpty();
    }
}
