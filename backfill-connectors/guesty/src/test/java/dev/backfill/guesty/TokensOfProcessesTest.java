package dev.backfill.guesty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Cursor;
import dev.backfill.Secret;
import dev.backfill.simulators.GuestySimulator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token of several processes, which are real ones here; {@code -Dbackfill.processes=20} for more of them. */
class TokensOfProcessesTest {

    private static final int PROCESSES = Integer.getInteger("backfill.processes", 8);
    private static final int TOGETHER = 4;

    @TempDir
    Path folder = Path.of("");

    /** A process that makes a call. */
    static final class Caller {

        private Caller() {}

        public static void main(String[] arguments) throws Exception {
            Guesty guesty = Guesty.connect(arguments[1], Secret.of("the secret", arguments[2]))
                    .at(arguments[0])
                    .keptIn(Path.of(arguments[3]));
            System.out.println("read "
                    + guesty.messages(Duration.ofDays(1))
                            .read(Cursor.START)
                            .items()
                            .size());
        }
    }

    private Process caller(GuestySimulator guesty) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Caller.class.getName(),
                        guesty.url().toString(),
                        guesty.clientId().reveal(),
                        guesty.clientSecret().reveal(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void processesThatStartTogetherAndAfterEachOtherAskForFewTokens() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with()
                .conversations(3)
                .day(Duration.ofSeconds(60))
                .start(0)) {
            for (int i = 0; i < PROCESSES; i += TOGETHER) {
                List<Process> callers = new ArrayList<>();
                for (int j = 0; j < TOGETHER; j++) {
                    callers.add(caller(guesty));
                }
                for (Process caller : callers) {
                    String text = new String(caller.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertThat(caller.waitFor()).as(text).isZero();
                    assertThat(text).contains("read ");
                }
                if (i == 0) {
                    assertThat(guesty.tokensGiven(guesty.clientId().reveal())).isEqualTo(1);
                }
            }
            assertThat(guesty.tokensGiven(guesty.clientId().reveal())).isBetween(1, 5);
        }
    }
}
