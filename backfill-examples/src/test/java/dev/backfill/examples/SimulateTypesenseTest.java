package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulated Typesense as a process, as a user starts it. */
class SimulateTypesenseTest {

    @TempDir
    Path folder = Path.of("");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static Process simulate(String... more) throws Exception {
        List<String> command = Jvm.main("simulate", "typesense");
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("TYPESENSE_"));
        return builder.start();
    }

    private HttpResponse<String> call(String method, String url, String body, String key) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("X-TYPESENSE-API-KEY", key)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String after(String line, String begin) {
        assertThat(line).startsWith(begin);
        return line.substring(begin.length());
    }

    @Test
    void tellsWhereItIsAndDoesWhatTheOptionsSay() throws Exception {
        Process process = simulate(
                "--products",
                "1000",
                "--only-here",
                "7",
                "--collection",
                "mine",
                "--seed",
                "7",
                "--latency",
                "1ms",
                "--jitter",
                "1ms",
                "--faults",
                "0",
                "--refused-lines",
                "100",
                "--lost-answers",
                "0",
                "--cut-answers",
                "0",
                "--cut-exports",
                "1",
                "--limit-hits",
                "3",
                "--lag",
                "0",
                "--schema-change",
                "0",
                "--writes-per-second",
                "100000",
                "--version",
                "27.1",
                "--quirk",
                "trailing_newline");
        try (BufferedReader out = process.inputReader()) {
            String url = after(out.readLine(), "simulated Typesense at ");
            String key = after(out.readLine(), "TYPESENSE_API_KEY=");
            String mine = url + "/collections/mine/documents";
            assertThat(call("GET", url + "/debug", "", key).body()).contains("\"version\":\"27.1\"");
            assertThat(call("GET", url + "/debug", "", "other").statusCode()).isEqualTo(401);
            assertThat(call("POST", mine + "/import?action=update", "{\"id\":\"1\",\"created_at\":1}", key)
                            .body())
                    .contains("\"code\":400,\"document\":")
                    .endsWith("}\n");
            assertThat(call("PATCH", mine + "/1", "{\"created_at\":1}", key).statusCode())
                    .isEqualTo(200);
            assertThat(call("GET", mine + "/search?q=*&per_page=5&include_fields=id", "", key)
                            .body())
                    .contains("\"found\":1007", "\"id\":\"ts-5\"")
                    .doesNotContain("\"id\":\"ts-4\"");
            assertThat(call("GET", mine + "/export", "", key).body()).doesNotEndWith("}\n");
            assertThat(call("GET", mine + "/export", "", key).body().lines()).hasSize(1_007);
            assertThat(call("GET", url + "/__truth", "", "").body().lines())
                    .hasSize(1_007)
                    .first()
                    .asString()
                    .startsWith("{\"id\":\"1\",\"created_at\":1,\"name\":\"Product 1\",");
            assertThat(call("POST", url + "/__lag?seconds=3600", "", "").statusCode())
                    .isEqualTo(200);
            assertThat(call("GET", mine + "/1", "", key).statusCode()).isEqualTo(503);
            assertThat(call("GET", url + "/__log", "", "").body().lines()).hasSize(8);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void takesTheKeyFromAFileAndHoldsManyDocuments() throws Exception {
        Path file = folder.resolve("keys");
        Files.writeString(file, "TYPESENSE_API_KEY=S3CRET\n");
        Process process = simulate("--products", "400000", "--env-file", file.toString());
        try (BufferedReader out = process.inputReader()) {
            String documents =
                    after(out.readLine(), "simulated Typesense at ") + "/collections/products_search/documents";
            assertThat(call(
                                    "PATCH",
                                    documents + "?filter_by=*",
                                    "{\"created_at\":1700000000,\"deleted_at\":0}",
                                    "S3CRET")
                            .body())
                    .as("within 64 MB")
                    .isEqualTo("{\"num_updated\":400300}");
            assertThat(call("GET", documents + "/1", "", "other").statusCode()).isEqualTo(401);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--port 70000",
                "--faults 101",
                "--products -1",
                "--collection a/b",
                "--version new",
                "--refused-lines -1",
                "--quirk none"
            })
    void wrongUsageIsOneLine(String wrong) throws Exception {
        Process process = simulate(wrong.split(" ", -1));
        try (BufferedReader out = process.inputReader()) {
            List<String> lines = out.lines().toList();
            assertThat(lines).as(wrong).hasSize(1);
            assertThat(lines.get(0)).doesNotContain("Exception");
            assertThat(process.waitFor()).isEqualTo(2);
        }
    }
}
