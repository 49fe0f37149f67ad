package dev.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HaltTest {

    /** What was not begun stayed noted as begun, and the next halt interrupted whatever came after. */
    @Test
    void whoIsStoppedBeforeHeBeginsIsNotInterruptedLater() {
        AtomicInteger interruptions = new AtomicInteger();
        Halt halt = new Halt(Ports.REAL, Duration.ofSeconds(3));
        Tasks.Task task = new Tasks.Task() {
            @Override
            public void interrupt() {
                interruptions.incrementAndGet();
            }

            @Override
            public void join() {}
        };
        assertThat(halt.start(() -> task)).isSameAs(task);
        halt.ask(null, null);
        assertThatThrownBy(() -> halt.preparing(true)).isInstanceOf(InterruptedException.class);
        halt.ask(new IllegalStateException("later"), null);
        assertThat(interruptions).hasValue(0);
    }
}
