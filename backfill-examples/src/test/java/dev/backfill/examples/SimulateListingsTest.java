package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulated site of sold homes as a process, as a user starts it. */
class SimulateListingsTest {

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static Process simulate(String... more) throws Exception {
        List<String> command = Jvm.main("simulate", "listings");
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private HttpResponse<String> get(String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String after(String line, String begin) {
        assertThat(line).startsWith(begin);
        return line.substring(begin.length());
    }

    @Test
    void tellsWhereItIsAndDoesWhatTheOptionsSay() throws Exception {
        Process process = simulate(
                "--listings",
                "40",
                "--start",
                "2022-02",
                "--end",
                "2022-03",
                "--page-size",
                "20",
                "--challenge-every",
                "0",
                "--seed",
                "7",
                "--latency",
                "1ms",
                "--jitter",
                "1ms",
                "--faults",
                "0");
        try (BufferedReader out = process.inputReader()) {
            String url = after(out.readLine(), "simulated listings at ");
            assertThat(get(url + "/sold?month=2022-02").body()).containsPattern("page 1\\s+of [23]<");
            assertThat(get(url + "/sold?month=2022-01").body()).contains("No sales");
            assertThat(get(url + "/__truth").body().lines())
                    .hasSizeBetween(50, 86)
                    .allMatch(line -> line.matches("\\{\"month\":\"2022-0[23]\",.*"));
            assertThat(get(url + "/__log").body().lines()).hasSize(2);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void challengesAsTheOptionsSay() throws Exception {
        Process process = simulate("--challenge-every", "5", "--challenge-status", "200");
        try (BufferedReader out = process.inputReader()) {
            String url = after(out.readLine(), "simulated listings at ");
            assertThat(get(url + "/sold?month=2022-02").statusCode()).isEqualTo(200);
            assertThat(get(url + "/sold?month=2022-02").body()).contains("<form id=\"challenge\"");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--port 70000",
                "--faults 101",
                "--listings -1",
                "--start 2022-13",
                "--start 2022-02 --end 2022-01",
                "--page-size 0",
                "--challenge-status 429"
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
