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
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who has a job is told by the database's clock, whatever those of the runners say. */
class ClocksTest {

    @TempDir
    Path folder;

    private static Db db(Store store, Duration ahead) throws Exception {
        Time time = new Time() {
            @Override
            public long nanos() {
                return Ports.REAL.time().nanos() + ahead.toNanos();
            }

            @Override
            public Instant now() {
                return Ports.REAL.time().now().plus(ahead);
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                Ports.REAL.time().sleep(nanos);
            }

            @Override
            public double random() {
                return 0;
            }
        };
        return Ports.bound(new Ports(time, Ports.REAL.disk(), Ports.REAL.tasks()), store::db);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aRunnerWhoseClockIsWrongTakesNoJobAndKeepsItsOwn(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        for (Duration ahead : List.of(Duration.ofMinutes(5), Duration.ofMinutes(-5), Duration.ofDays(366))) {
            Db odd = db(store, ahead);
            try (Claim held = store.db().checkpoint().claim("j", Duration.ZERO)) {
                assertThat(held.run()).isPositive();
                assertThatThrownBy(() -> odd.checkpoint().claim("j", Duration.ZERO))
                        .as("a clock that is %s off", ahead)
                        .isInstanceOf(BackfillException.Held.class);
            }
            try (Claim held = odd.checkpoint().claim("j", Duration.ZERO)) {
                assertThat(held.run()).isPositive();
                assertThatThrownBy(() -> store.db().checkpoint().claim("j", Duration.ZERO))
                        .as("the lease of one whose clock is %s off", ahead)
                        .isInstanceOf(BackfillException.Held.class);
            }
            store.run("UPDATE backfill_job SET lease_until = 1");
            try (Claim next = odd.checkpoint().claim("j", Duration.ZERO)) {
                assertThat(next.run())
                        .as("a lease that is over by the database's clock")
                        .isPositive();
            }
        }
    }
}
