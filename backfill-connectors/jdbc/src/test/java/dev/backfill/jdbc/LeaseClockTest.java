package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Claim;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether a lease has run out is told by the database's clock alone. */
class LeaseClockTest {

    @TempDir
    Path folder;

    /** The machine, with a wall clock that is wrong. */
    private static Ports wrongBy(Duration difference) {
        Time right = Ports.REAL.time();
        Time wrong = new Time() {
            @Override
            public long nanos() {
                return right.nanos();
            }

            @Override
            public Instant now() {
                return right.now().plus(difference);
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                right.sleep(nanos);
            }

            @Override
            public double random() {
                return right.random();
            }
        };
        return new Ports(wrong, Ports.REAL.disk(), Ports.REAL.tasks());
    }

    private static Claim claim(Store store, Duration difference) throws Exception {
        return Ports.bound(wrongBy(difference), () -> store.db().checkpoint().claim("j", Duration.ZERO));
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aRunnerWhoseClockIsAheadTakesNoJobFromAnother(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        try (Claim held = claim(store, Duration.ZERO)) {
            assertThat(held.run()).isEqualTo(1);
            assertThatThrownBy(() -> claim(store, Duration.ofMinutes(5)))
                    .isInstanceOf(BackfillException.Held.class)
                    .hasMessageContaining("free in 1");
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aRunnerWhoseClockIsBehindHoldsNoJobLongerThanOthers(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        try (Claim dead = claim(store, Duration.ofDays(-365))) {
            assertThat(dead.run()).isEqualTo(1);
            store.run("UPDATE backfill_job SET lease_until = lease_until - 60000");
            try (Claim next = claim(store, Duration.ofMinutes(-5))) {
                assertThat(next.run()).isEqualTo(2);
            }
        }
    }
}
