package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documentation's Java is code that is compiled and run, its links lead somewhere, and it is short enough to be read. */
class DocumentationTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        pages.add(ROOT.resolve("README.md"));
        return pages;
    }

    private static String dense(String text) {
        return text.replaceAll("//[^\n]*", "").replaceAll("\\s+", "");
    }

    @Test
    void everySnippetIsCompiled() throws IOException {
        List<String> sources = new ArrayList<>();
        for (Path source : files(ROOT.resolve("backfill-examples/src"), ".java")) {
            sources.add(dense(Files.readString(source)));
        }
        List<String> unknown = new ArrayList<>();
        for (Path page : pages()) {
            Matcher snippet =
                    Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
            while (snippet.find()) {
                String code = dense(snippet.group(1));
                if (sources.stream().noneMatch(source -> source.contains(code))) {
                    unknown.add(ROOT.relativize(page) + ":\n" + snippet.group(1));
                }
            }
        }
        assertThat(unknown)
                .as("snippets that stand in no source file of the examples")
                .isEmpty();
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)").matcher(Files.readString(page));
            while (link.find()) {
                if (!Files.exists(page.resolveSibling(link.group(1)))) {
                    broken.add(ROOT.relativize(page) + " -> " + link.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /** The project of the guide is one of those that the build runs by itself, with the two dependencies that the guide names. */
    @Test
    void aConnectorThatPassesTheKitIsShort() throws IOException {
        String guide = Files.readString(ROOT.resolve("docs/guides/write-a-source.md"));
        List<String> java = new ArrayList<>();
        Matcher snippet = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide);
        while (snippet.find()) {
            java.addAll(snippet.group(1).lines().filter(line -> !line.isBlank()).toList());
        }
        assertThat(java).hasSizeBetween(20, 39);
        Matcher dependencies =
                Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL).matcher(guide);
        assertThat(dependencies.find()).isTrue();
        String pom = Files.readString(ROOT.resolve("backfill-examples/src/it/write-a-source/pom.xml"));
        assertThat(dense(pom.replace("@project.version@", "0.1.0-SNAPSHOT")))
                .contains("<dependencies>" + dense(dependencies.group(1)) + "</dependencies>");
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(200);
    }
}
