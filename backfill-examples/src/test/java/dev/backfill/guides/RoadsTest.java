package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.supabase.servers.Project;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.math.BigDecimal;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same job by both roads to Supabase is the same source, but for one line, and comes to the same tables. */
class RoadsTest {

    private static final Path ROADS = Path.of("src/roads");

    @TempDir
    Path folder;

    private static Path source(String road) {
        return ROADS.resolve(road).resolve("CopyItems.java");
    }

    @Test
    void theRoadsDifferInOneLine() throws Exception {
        List<String> rest = Files.readAllLines(source("rest"));
        List<String> database = Files.readAllLines(source("database"));

        assertThat(database).hasSameSizeAs(rest);
        List<String> different = LongStream.range(0, rest.size())
                .filter(i -> !rest.get((int) i).equals(database.get((int) i)))
                .mapToObj(i -> rest.get((int) i).strip() + " | "
                        + database.get((int) i).strip())
                .toList();
        assertThat(different)
                .containsExactly(
                        "try (var db = Supabase.rest(place, proof)) { | try (var db = Supabase.database(place, proof)) {");
    }

    /** The compiled class of a road, which has the same name as that of the other. */
    private Class<?> compiled(String road) throws Exception {
        Path classes = Files.createDirectories(folder.resolve(road));
        int code = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        "-d",
                        classes.toString(),
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        source(road).toString());
        assertThat(code).as("javac").isZero();
        return new URLClassLoader(
                        new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())
                .loadClass("CopyItems");
    }

    @Test
    void bothRoadsAreCompiled() throws Exception {
        assertThat(compiled("rest")).isNotEqualTo(compiled("database"));
    }

    /** Values of every kind, with keys beyond what a double can hold, and each again with another value. */
    private static final Source<Map<String, Object>> ITEMS = from -> {
        int page = from.orElse(0);
        List<Map<String, Object>> items = LongStream.range(page * 250L, page * 250L + 250)
                .mapToObj(i -> {
                    Map<String, Object> item = new LinkedHashMap<>();
                    item.put("id", (1L << 53) - 500 + i);
                    item.put("sku", i % 7 == 0 ? null : "sku \"" + i + "\" \\ ü 𝄞 {}, \t\n");
                    item.put("qty", (int) i);
                    item.put("price", new BigDecimal(i + ".10000000000000000000000000000000000001"));
                    item.put("weight", i / 3.0);
                    item.put("at", "2024-03-01T10:00:" + String.format("%02d", i % 60) + ".123456+02:00");
                    item.put("day", i % 9 == 0 ? "2024-02-29" : "2024-03-01");
                    item.put("tags", Map.of("camelCase", List.of(i, new BigDecimal("9007199254740993.25"), "x")));
                    item.put("words", List.of("NULL", "", "a,b", "\"\\", "{" + i + "}"));
                    item.put("mark", String.format("9b2f1c9e-1111-4222-8333-%012d", i));
                    if (i % 5 == 0) {
                        item.put("small", i % 100);
                    }
                    return item;
                })
                .toList();
        return page == 5 ? Page.last(items) : Page.of(items, page + 1);
    };

    private String tables(Project project, String road, String place, Secret proof) throws Throwable {
        project.empty();
        Report report = (Report) MethodHandles.lookup()
                .findStatic(
                        compiled(road),
                        "run",
                        MethodType.methodType(Report.class, Source.class, String.class, Secret.class, Path.class))
                .invoke(ITEMS, place, proof, folder.resolve("progress-" + road));
        assertThat(report.complete()).isTrue();
        assertThat(report.deadLetters()).isZero();
        return project.copy("SELECT * FROM items ORDER BY id") + project.copy("SELECT * FROM items_copy ORDER BY id");
    }

    @Test
    @Tag("postgrest")
    void bothRoadsComeToTheSameTables() throws Throwable {
        Project project = Project.running();
        String byRest = tables(project, "rest", project.url(), project.key());
        String byDatabase = tables(project, "database", project.databaseUrl(), Secret.of("PASSWORD", "any"));
        System.out.println("both roads, by " + project.versions() + ": "
                + byRest.lines().count() + " rows of COPY … TO, " + byRest.length() + " characters");

        assertThat(byRest.lines()).hasSize(3_000);
        assertThat(byRest).isEqualTo(byDatabase);
    }
}
