package dev.backfill.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The catalogue of faults in {@code docs/faults.md}, held against what the tests of this build have shown. Runs after them: the examples are
 * the last module, and tests with this tag its last.
 */
@Tag("last")
class FaultCatalogueTest {

    private static final int FAULTS = 140;

    /** Of which so many have to be survived; what cannot be made here says so in the catalogue. */
    private static final int LEAST = 135;

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ROW = Pattern.compile("\\| (F\\d{3}) \\|(.*)\\|([^|]*)\\|");
    private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");
    private static final Pattern CASE =
            Pattern.compile("<testcase name=\"(\\w+)[^\"]*\" classname=\"[\\w.]*?(\\w+)\"[^>]*?(/?)>");

    /** A row of the catalogue: the fault, and the tests that show what happens. */
    private record Fault(String id, List<String> tests, boolean survived) {}

    @Test
    void faultsAreSurvivedAsTheCatalogueSays() throws IOException {
        List<Fault> faults = catalogue();
        Map<String, Boolean> results = results();
        List<String> missing = new ArrayList<>();
        Set<String> survived = new HashSet<>();
        for (Fault fault : faults) {
            List<String> bad = fault.tests().stream()
                    .filter(test -> !results.getOrDefault(test, false))
                    .toList();
            if (!bad.isEmpty()) {
                missing.add(fault.id() + ": " + bad + (results.isEmpty() ? "" : " did not pass or did not run"));
            } else if (fault.survived() && !fault.tests().isEmpty()) {
                survived.add(fault.id());
            }
        }
        System.out.println("faults survived: " + survived.size() + " / " + FAULTS);
        assertThat(missing)
                .as(
                        "tests that docs/faults.md names, of this build; run alone, this test needs the reports of a whole ./mvnw verify")
                .isEmpty();
        assertThat(survived).hasSizeGreaterThanOrEqualTo(LEAST);
    }

    @Test
    void theCatalogueIsWhole() throws IOException {
        assertThat(catalogue().stream().map(Fault::id))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, FAULTS)
                        .mapToObj("F%03d"::formatted)
                        .toList());
        assertThat(catalogue().stream()
                        .filter(fault -> fault.survived() && fault.tests().isEmpty()))
                .as("rows that name neither a test nor the reason why there is none")
                .isEmpty();
    }

    private static List<Fault> catalogue() throws IOException {
        List<Fault> faults = new ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/faults.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                List<String> tests = NAMED.matcher(row.group(3))
                        .results()
                        .map(named -> named.group(1) + "#" + named.group(2))
                        .toList();
                faults.add(new Fault(row.group(1), tests, !row.group(3).contains("not survived")));
            }
        }
        return faults;
    }

    /** Whether all cases of a test have passed, by its class and name. */
    private static Map<String, Boolean> results() throws IOException {
        Map<String, Boolean> results = new HashMap<>();
        for (Path report : reports()) {
            String xml = Files.readString(report);
            Matcher found = CASE.matcher(xml);
            while (found.find()) {
                boolean ended = !found.group(3).isEmpty();
                String inside = ended ? "" : xml.substring(found.end(), xml.indexOf("</testcase>", found.end()));
                boolean passed = Stream.of("<failure", "<error", "<skipped").noneMatch(inside::contains);
                results.merge(found.group(2) + "#" + found.group(1), passed, Boolean::logicalAnd);
            }
        }
        return results;
    }

    private static List<Path> reports() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 5)) {
            return files.filter(file -> file.toString().contains("/target/surefire-reports/TEST-"))
                    .toList();
        }
    }
}
