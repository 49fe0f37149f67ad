package dev.backfill.files;

import static dev.backfill.files.Months.job;
import static dev.backfill.files.Months.manifest;
import static dev.backfill.files.Months.month;
import static dev.backfill.files.Months.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Batch;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Sink;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that no file can hold, and what becomes of them when their cause is mended. */
class FileSinkDeadLettersTest {

    private static final Row HALF = new Row(2, "half \uD83D");

    @TempDir
    Path folder = Path.of("");

    private final MemoryCheckpoint progress = new MemoryCheckpoint();
    private final AtomicReference<List<Row>> rows = new AtomicReference<>(List.of(row(1), HALF, row(3)));
    private Path file = Path.of("");

    @BeforeEach
    void begin() {
        file = folder.resolve("2020-01.csv");
    }

    private Backfill into(Sink<? super Row> sink) {
        return job(progress, month(from -> Page.last(rows.get())), sink);
    }

    @Test
    void halfOfASurrogatePairIsADeadLetter() throws Exception {
        Backfill csv = into(Csv.in(folder, Row.class));
        csv.run();
        assertThat(file).content().isEqualTo("number,text\n1,row 1\n3,row 3\n");
        assertThat(manifest(file).path("rows").asLong()).isEqualTo(2);
        assertThat(csv.deadLetters())
                .extracting(DeadLetter::reason)
                .singleElement()
                .asString()
                .contains("surrogate");

        Backfill lines = job(new MemoryCheckpoint(), month(from -> Page.last(rows.get())), JsonLines.in(folder));
        lines.run();
        assertThat(lines.deadLetters()).hasSize(1);
        assertThat(manifest(folder.resolve("2020-01.jsonl")).path("rows").asLong())
                .isEqualTo(2);
    }

    @Test
    void aMapWithAnUnknownColumnIsADeadLetter() throws Exception {
        Map<String, Object> nulls = new HashMap<>();
        nulls.put("a", null);
        nulls.put("b", "");
        Map<String, Object> deep = new HashMap<>(Map.of("a", 5));
        deep.put("b", nested(2_000));
        Map<String, Object> round = new HashMap<>();
        List<Object> itself = new ArrayList<>();
        itself.add(itself);
        round.put("b", itself);
        List<Map<String, Object>> maps = List.of(
                Map.of("a", 1, "b", List.of(1, "x")),
                Map.of("a", 2, "c", 3),
                Map.of("b", 4),
                nulls,
                deep,
                round,
                Map.of("a", new Object()));
        Backfill job = Backfill.named("maps")
                .from(dev.backfill.Partitioned.of(List.of("2020-01"), name -> name, name -> from -> Page.last(maps)))
                .into(Csv.in(folder, "a", "b"))
                .checkpoint(progress);

        job.run();

        assertThat(file).content().isEqualTo("a,b\n1,\"[1,\"\"x\"\"]\"\n,4\n,\"\"\n");
        assertThat(job.deadLetters()).hasSize(4);
        assertThat(job.deadLetters().get(0).reason()).contains("'c'").contains("none of the columns a, b");
    }

    private static Object nested(int depth) {
        Object inside = "x";
        for (int i = 0; i < depth; i++) {
            inside = List.of(inside);
        }
        return inside;
    }

    @Test
    void aReplayAppendsWhatWasMendedOnce() throws Exception {
        Backfill job = into(Csv.in(folder, Row.class));
        job.run();
        rows.set(List.of(row(1), row(2), row(3)));

        assertThat(job.replay().deadLetters()).isZero();

        assertThat(file).content().isEqualTo("number,text\n1,row 1\n3,row 3\n2,row 2\n");
        assertThat(manifest(file).path("rows").asLong()).isEqualTo(3);
        Months.age(folder);
        Map<String, String> before = Months.seen(folder);
        job.replay();
        job.run();
        assertThat(Months.seen(folder)).isEqualTo(before);
    }

    /** The process dies after the row is in the file, and before the dead letter is forgotten. */
    @Test
    void aReplayThatIsCutOffAndRepeatedAppendsOnce() throws Exception {
        AtomicInteger replays = new AtomicInteger();
        FileSink<Row> files = Csv.in(folder, Row.class);
        Sink<Row> dying = new Sink<>() {
            @Override
            public void write(Batch<Row> batch) throws Exception {
                files.write(batch);
                if (batch.replayed() && replays.incrementAndGet() == 1) {
                    throw new IllegalStateException("killed");
                }
            }

            @Override
            public void end(String partition, boolean open) throws Exception {
                files.end(partition, open);
            }
        };
        Backfill job = into(dying);
        job.run();
        rows.set(List.of(row(1), row(2), row(3)));
        assertThatThrownBy(job::replay).hasStackTraceContaining("killed");
        assertThat(job.deadLetters()).hasSize(1);

        job.replay();

        assertThat(replays.get()).isEqualTo(2);
        assertThat(job.deadLetters()).isEmpty();
        assertThat(file).content().isEqualTo("number,text\n1,row 1\n3,row 3\n2,row 2\n");
    }

    @Test
    void aReplayOfWhatIsStillBrokenChangesNothing() throws Exception {
        Backfill job = into(Csv.in(folder, Row.class).gzip());
        job.run();
        Months.age(folder);
        Map<String, String> before = Months.seen(folder);

        job.replay();

        assertThat(job.deadLetters()).hasSize(1);
        assertThat(Months.seen(folder)).isEqualTo(before);
    }

    @Test
    void aNewPassHoldsWhatWasReplayedOnce() throws Exception {
        Backfill job = into(Csv.in(folder, Row.class));
        job.run();
        rows.set(List.of(row(1), row(2), row(3)));
        job.replay();

        job.again();

        assertThat(file).content().isEqualTo(Months.csv(1, 3));
    }

    /** Two rows that are alike are two rows. */
    @Test
    void equalRowsOfOnePageAreReplayedEach() throws Exception {
        rows.set(List.of(HALF, HALF, row(3)));
        Backfill job = into(Csv.in(folder, Row.class));
        job.run();
        assertThat(job.deadLetters()).hasSize(2);
        rows.set(List.of(row(2), row(2), row(3)));

        job.replay();

        assertThat(file).content().isEqualTo("number,text\n3,row 3\n2,row 2\n2,row 2\n");
        assertThat(manifest(file).path("rows").asLong()).isEqualTo(3);
    }
}
