package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Report;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ExitTest {

    private static int code(Report.Status status, long letters, OptionalInt signal) {
        return Exit.code(new Report(
                "job", 1, status, List.of(), letters, Duration.ofSeconds(1), Optional.empty(), signal, List.of(), 1));
    }

    @Test
    void aJobThatASignalHasStoppedSaysSoAndNeverThatAllIsDone() {
        OptionalInt none = OptionalInt.empty();
        assertThat(code(Report.Status.COMPLETE, 0, none)).isZero();
        assertThat(code(Report.Status.COMPLETE, 1, none)).isEqualTo(3);
        assertThat(code(Report.Status.INTERRUPTED, 0, none)).isEqualTo(3);
        assertThat(code(Report.Status.INTERRUPTED, 0, OptionalInt.of(15))).isEqualTo(143);
        assertThat(code(Report.Status.INTERRUPTED, 0, OptionalInt.of(2))).isEqualTo(130);
    }
}
