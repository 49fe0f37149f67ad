package dev.backfill.files;

import dev.backfill.Batch;
import dev.backfill.Source;
import dev.backfill.files.Months.Row;
import dev.backfill.testkit.SourceContract;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** What every source must do, with files of several pages. */
class FileSourceContractTest {

    private abstract static class Contract extends SourceContract<Row> {

        private final int rows;
        private final int length;
        private final Function<Path, FileSink<? super Row>> sink;
        private final Function<Path, FileSource<Row>> source;

        @TempDir
        private Path folder = Path.of("");

        Contract(
                int rows,
                int length,
                Function<Path, FileSink<? super Row>> sink,
                Function<Path, FileSource<Row>> source) {
            this.rows = rows;
            this.length = length;
            this.sink = sink;
            this.source = source;
        }

        @Override
        protected List<Row> expected() {
            return IntStream.rangeClosed(1, rows)
                    .mapToObj(i -> new Row(i, "row\r\n\"" + i + "\", ä".repeat(length)))
                    .toList();
        }

        @Override
        protected Source<Row> source() throws Exception {
            if (!folder.resolve(".backfill").toFile().exists()) {
                write(sink.apply(folder));
            }
            return source.apply(folder).partitions().get(0).source();
        }

        private <S> void write(FileSink<S> to) throws Exception {
            @SuppressWarnings("unchecked")
            Batch<S> batch = (Batch<S>) Batch.of(expected());
            to.write(batch);
            to.end("all", false);
        }
    }

    @Nested
    class Plain extends Contract {
        Plain() {
            super(3_210, 1, folder -> Csv.in(folder, Row.class), folder -> Csv.read(folder, Row.class));
        }
    }

    @Nested
    class Packed extends Contract {
        Packed() {
            super(9, 70_000, folder -> Csv.in(folder, Row.class).gzip(), folder -> Csv.read(folder, Row.class));
        }
    }

    @Nested
    class Lines extends Contract {
        Lines() {
            super(3_210, 1, JsonLines::in, folder -> JsonLines.read(folder, Row.class));
        }
    }

    @Nested
    class PackedLines extends Contract {
        PackedLines() {
            super(9, 70_000, folder -> JsonLines.in(folder).gzip(), folder -> JsonLines.read(folder, Row.class));
        }
    }
}
