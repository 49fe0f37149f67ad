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

/** The simulated Guesty as a process, as a user starts it. */
class SimulateGuestyTest {

    @TempDir
    Path folder = Path.of("");

    private final HttpClient http = HttpClient.newHttpClient();

    private static Process simulate(String... more) throws Exception {
        List<String> command = Jvm.main("simulate", "guesty");
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("GUESTY_"));
        return builder.start();
    }

    private HttpResponse<String> post(String url, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String url, String token) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Authorization", "Bearer " + token)
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
                "--conversations",
                "40",
                "--seed",
                "7",
                "--latency",
                "1ms",
                "--jitter",
                "1ms",
                "--faults",
                "0",
                "--limit",
                "2/1h,100000/2h",
                "--people",
                "1",
                "--change",
                "post",
                "--day",
                "1h",
                "--quirk",
                "limit_html",
                "--flat");
        try (BufferedReader out = process.inputReader()) {
            String url = after(out.readLine(), "simulated Guesty at ");
            String id = after(out.readLine(), "GUESTY_API_KEY=");
            String secret = after(out.readLine(), "GUESTY_API_SECRET=");
            HttpResponse<String> given = post(
                    url + "/oauth2/token",
                    "grant_type=client_credentials&scope=open-api&client_id=" + id + "&client_secret=" + secret);
            assertThat(given.body()).contains("\"expires_in\":3600,");
            String token = given.body().replaceFirst(".*\"access_token\":\"([^\"]*)\".*", "$1");
            long before = get(url + "/__truth", "").body().lines().count();
            assertThat(post(url + "/__post?messages=5", "").statusCode()).isEqualTo(200);
            String flat = url + "/v1/communication/conversations/messages?limit=3&sort=createdAt";
            assertThat(get(flat, token).body()).startsWith("{\"results\":[{");
            assertThat(get(flat, token).statusCode()).isEqualTo(200);
            assertThat(get(flat, token).body()).startsWith("<html>");
            assertThat(get(url + "/__truth", "").body().lines()).hasSize((int) before + 7);
            assertThat(get(url + "/__log", "").body().lines()).hasSize(4);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void takesTheClientFromAFile() throws Exception {
        Path file = folder.resolve("keys");
        Files.writeString(file, "GUESTY_API_KEY=mine\nGUESTY_API_SECRET=S3CRET\n");
        Process process = simulate("--conversations", "40000", "--env-file", file.toString());
        try (BufferedReader out = process.inputReader()) {
            String url = after(out.readLine(), "simulated Guesty at ");
            String form = "grant_type=client_credentials&scope=open-api&client_id=mine&client_secret=";
            assertThat(post(url + "/oauth2/token", form + "S3CRET").statusCode())
                    .isEqualTo(200);
            assertThat(post(url + "/oauth2/token", form + "other").statusCode()).isEqualTo(401);
            assertThat(get(url + "/__truth", "").body().lines().count())
                    .as("within 64 MB")
                    .isGreaterThan(200_000);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--port 70000", "--faults 101", "--conversations -1", "--limit 15", "--day 0", "--quirk none"})
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
