package dev.backfill.guesty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Sink;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.simulators.GuestyQuirk;
import dev.backfill.simulators.GuestySimulator;
import dev.backfill.testkit.CrashSweep;
import dev.backfill.testkit.World;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A job that reads all messages, and keeps its token beside its progress, ends in the same way wherever it dies. */
class GuestyCrashTest {

    private static final int CONVERSATIONS = 6;

    /** What a sweep leaves open is closed by the next scenario. */
    private @Nullable GuestySimulator open;

    private final class Messages implements CrashSweep.Scenario {

        private final Map<String, Message> read = new ConcurrentSkipListMap<>();
        private @Nullable GuestySimulator simulator;

        private GuestySimulator simulator() throws Exception {
            if (simulator == null) {
                if (open != null) {
                    open.close();
                }
                simulator = Ports.bound(
                        Ports.REAL,
                        () -> GuestySimulator.with()
                                .conversations(CONVERSATIONS)
                                .and(GuestyQuirk.POSTS_LIMIT_IGNORED, GuestyQuirk.CURSOR_REPEATS)
                                .start(0));
                open = simulator;
            }
            return simulator;
        }

        @Override
        public Backfill job(World world) {
            Path folder = Path.of("progress");
            Guesty guesty;
            try {
                guesty = Guesty.connect(
                                simulator().clientId().reveal(), simulator().clientSecret())
                        .at(simulator().url().toString())
                        .keptIn(folder);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            Sink<Message> table =
                    batch -> batch.forEach(message -> read.put(String.valueOf(message.messageId()), message));
            return Backfill.named("messages")
                    .from(world.source(guesty.messages(Account.ALL)))
                    .filter(message -> !message.internal())
                    .into(world.sink(table))
                    .checkpoint(FileCheckpoint.in(folder));
        }

        @Override
        public Object end(World world) throws Exception {
            int given = simulator().tokensGiven(simulator().clientId().reveal());
            assertThat(given).as("tokens, one of which a crash may cost").isBetween(1, 2);
            return Account.rows(read.values().stream().toList());
        }

        @Override
        public long mayRepeat() {
            return CONVERSATIONS * 60;
        }

        @Override
        public long mayReadAgain() {
            return 3 * CONVERSATIONS + 10;
        }
    }

    @Test
    void everyMessageIsThereWhereverTheProcessDies() throws Exception {
        int every = Integer.getInteger("backfill.every", 1);
        CrashSweep.Result result = CrashSweep.of(Messages::new).every(3 * every).run();
        assertThat(result.faults()).isGreaterThan(90 / every);
        if (open != null) {
            open.close();
        }
    }
}
