package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.backfill.files.Program.Outcome;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {

    @TempDir
    Path folder = Path.of("");

    private Outcome run(Time time, String... command) throws Exception {
        return Program.run(List.of(command), folder, Map.of("SEEN", "1"), null, Duration.ofMinutes(1), time);
    }

    @Test
    void givesArgumentsAsTheyAreAndNoOtherEnvironment() throws Exception {
        assertThat(run(Ports.REAL.time(), "printf", "%s|", "a b", "$HOME", "*", ";ls")
                        .text())
                .isEqualTo("a b|$HOME|*|;ls|");
        assertThat(run(Ports.REAL.time(), "env").text()).isEqualTo("SEEN=1\n");
    }

    @Test
    void readsFromAFileOrFromNothing() throws Exception {
        Path input = RealGit.file(folder, "input", "x".repeat(200_000));

        Outcome outcome =
                Program.run(List.of("cat"), folder, Map.of(), input, Duration.ofMinutes(1), Ports.REAL.time());

        assertThat(outcome.raw()).hasSize(200_000);
        assertThat(run(Ports.REAL.time(), "cat")).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void tellsTheExitCodeAndWhatWasSaid() throws Exception {
        Outcome outcome = run(Ports.REAL.time(), "ls", "--nonsense");

        assertThat(outcome.code()).isPositive();
        assertThat(outcome.errors()).contains("nonsense");
    }

    @Test
    void endsAProgramThatWritesWithoutEnd() {
        assertThatIllegalStateException()
                .isThrownBy(() -> run(Ports.REAL.time(), "cat", "/dev/zero"))
                .withMessageContaining("wrote more than");
    }

    @Test
    void endsAProgramThatIsLateAndWhatItHasStarted() throws Exception {
        Path number = folder.resolve("number");
        RealGit.file(folder, "late", "sleep 1000 &\necho $! > part\nmv part number\ntrap '' TERM\nwait\nwait\n");
        Time late = new Time() {
            @Override
            public long nanos() {
                return Files.exists(number) ? Long.MAX_VALUE / 2 : 0;
            }

            @Override
            public Instant now() {
                return Instant.EPOCH;
            }

            @Override
            public void sleep(long nanos) {}

            @Override
            public double random() {
                return 0;
            }
        };

        Outcome outcome = Program.run(
                List.of("sh", "late"), folder, Map.of("PATH", "/usr/bin:/bin"), null, Duration.ofMinutes(1), late);

        assertThat(outcome.late()).isTrue();
        long started = Long.parseLong(
                Files.readString(number, StandardCharsets.US_ASCII).strip());
        ProcessHandle.of(started).ifPresent(process -> process.onExit().join());
    }

    @Test
    void showsNothingSecretAndOneLine() {
        assertThat(Program.shown(
                        "fatal: unable to access 'https://user:p@ss@host/x.git/?token=1': no\n\u001b[2J\r\nremote: x"))
                .isEqualTo("fatal: unable to access 'https://…@host/x.git/?…': no; ?[2J; remote: x");
        assertThat(Program.shown("x".repeat(5000))).hasSize(1001);
    }
}
