package dev.backfill.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Secrets of the tests begin with a word that stands nowhere else. It must not be found in anything that any test of any module has said, in no
 * form. Runs after them: the examples are the last module, and tests with this tag its last.
 */
@Tag("last")
class CanaryTest {

    private static final String CANARY = "S3CR3T";

    /** The secrets of tests, and those with which the simulators let a client in. */
    private static final List<String> CANARIES = List.of(
            CANARY, "simulated-key", "simulated-partner", "simulated-dispensary", "simulated-secret", "ntn_simulated");

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** Names of tests are no output, and those with values hold what a test was given. */
    private static final Pattern NAMES = Pattern.compile("(<testcase|<property) [^>]*>");

    private static final Pattern BAD_INPUTS = Pattern.compile("bad inputs: (\\d+), 0 hangs, 0 uncaught \\(");

    /** The word as it stands (in an address it looks the same), in hexadecimal, and in Base64 at each of three places. */
    private static List<String> forms(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        List<String> forms = new ArrayList<>(List.of(
                word,
                HexFormat.of().formatHex(bytes),
                HexFormat.of().withUpperCase().formatHex(bytes)));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            // the first letters and the last depend on what is beside the word
            forms.add(base64.substring(
                    before == 0 ? 0 : before + 1, base64.length() - (shifted.length % 3 == 0 ? 0 : 1)));
        }
        return forms;
    }

    private static List<Path> reports() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 5)) {
            return files.filter(file -> file.toString().contains("/target/surefire-reports/"))
                    .filter(Files::isRegularFile)
                    // one of the planted bugs tells a secret, which is what it is for; and this test tells what it has
                    // found
                    .filter(file -> !file.toString().matches(".*house\\.(PlantedBugs|Canary)Test\\..*"))
                    .filter(file ->
                            file.toString().endsWith(".xml") || file.toString().endsWith(".txt"))
                    .toList();
        }
    }

    @Test
    void noSecretIsInAnythingThatATestHasSaid() throws IOException {
        List<String> found = new ArrayList<>();
        List<Path> reports = reports();
        for (Path report : reports) {
            String text = NAMES.matcher(Files.readString(report)).replaceAll("");
            for (String form :
                    CANARIES.stream().flatMap(word -> forms(word).stream()).toList()) {
                int at = text.indexOf(form);
                if (at >= 0) {
                    found.add(report.getFileName() + ": …"
                            + text.substring(Math.max(0, at - 80), Math.min(text.length(), at + 40)));
                }
            }
        }
        System.out.println("canary: " + found.size() + " hits in " + reports.size() + " reports");
        assertThat(found).isEmpty();
    }

    @Test
    void findsTheWordInEveryForm() {
        for (String around : List.of("", "a", "ab", "abc", "user:", "Bearer ")) {
            String secret = around + CANARY + "-rest";
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            for (String text : List.of(
                    secret,
                    "x" + Base64.getEncoder().encodeToString(bytes),
                    Base64.getUrlEncoder().withoutPadding().encodeToString(bytes),
                    HexFormat.of().formatHex(bytes).toUpperCase(Locale.ROOT))) {
                assertThat(forms(CANARY)).as(text).anyMatch(text::contains);
            }
        }
    }

    /** Each module prints how many it has tried; here they are added up. */
    @Test
    void addsUpTheBadInputsOfAllModules() throws IOException {
        long inputs = 0;
        for (Path report : reports()) {
            if (report.toString().endsWith(".xml")) {
                Matcher said = BAD_INPUTS.matcher(Files.readString(report));
                while (said.find()) {
                    inputs += Long.parseLong(said.group(1));
                }
            }
        }
        System.out.println("bad inputs: " + inputs + ", 0 hangs, 0 uncaught");
        assertThat(inputs)
                .as("run alone, this test needs the reports of a whole ./mvnw verify")
                .isGreaterThanOrEqualTo(50_000);
    }
}
