package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Batch;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.TransactionalSink;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What every sink must do that commits its rows and the progress together.
 *
 * @param <T> the type of the records
 */
public abstract class TransactionalSinkContract<T> extends SinkContract<T> {

    /** For subclasses. */
    protected TransactionalSinkContract() {}

    @Override
    protected abstract TransactionalSink<T> sink() throws Exception;

    /** The checkpoint whose progress the sink commits with its rows; empty when a test begins. */
    protected abstract Checkpoint checkpoint() throws Exception;

    private static Bookmark bookmark(Claim claim, int cursor) {
        return new Bookmark("contract", "main", "all", claim.run(), Cursor.of(cursor), false, Counts.ZERO);
    }

    private static DeadLetter letter() {
        return new DeadLetter("main", "all", Cursor.START, "key", "reason", 1, Optional.empty());
    }

    private Claim claim() throws Exception {
        Claim claim = checkpoint().claim("contract", Duration.ZERO);
        claim.begin("d", List.of(bookmark(claim, 1)));
        return claim;
    }

    /** It joins its own checkpoint and no other. */
    @Test
    void joinsItsOwnCheckpointOnly() throws Exception {
        assertThat(sink().joins(checkpoint())).isTrue();
        assertThat(sink().joins(new MemoryCheckpoint())).isFalse();
    }

    /** Rows, bookmark and dead letters are there together. */
    @Test
    void commitsRowsAndProgressTogether() throws Exception {
        try (Claim claim = claim()) {
            Object empty = content();
            Save save = new Save(List.of(bookmark(claim, 2)), List.of(letter()));
            sink().write(Batch.of(records(1, 10)), () -> save);
            assertThat(claim.load()).containsExactly(bookmark(claim, 2));
            assertThat(claim.deadLetters()).containsExactly(letter());
            assertThat(content()).isNotEqualTo(empty);
        }
    }

    /** If the progress cannot be made, no row is there. */
    @Test
    void writesNothingWithoutItsProgress() throws Exception {
        try (Claim claim = claim()) {
            Object empty = content();
            assertThatThrownBy(() -> sink().write(Batch.of(records(1, 10)), () -> {
                        throw new IllegalStateException("no progress today");
                    }))
                    .hasStackTraceContaining("no progress today");
            assertThat(content()).isEqualTo(empty);
            assertThat(claim.load()).containsExactly(bookmark(claim, 1));
        }
    }

    /** A runner that has lost its job writes neither rows nor progress. */
    @Test
    void writesNothingForARunnerThatHasLostItsJob() throws Exception {
        Claim late = claim();
        Save save = new Save(List.of(bookmark(late, 2)), List.of());
        late.close();
        try (Claim next = checkpoint().claim("contract", Duration.ZERO)) {
            Object empty = content();
            assertThatThrownBy(() -> sink().write(Batch.of(records(1, 10)), () -> save))
                    .isInstanceOf(dev.backfill.BackfillException.Lost.class);
            assertThat(content()).isEqualTo(empty);
            assertThat(next.load()).containsExactly(bookmark(late, 1));
        }
    }
}
