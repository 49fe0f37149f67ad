package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Batch;
import dev.backfill.Sink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every sink must do. Extend it, say where yours writes, and run it as a JUnit test.
 *
 * @param <T> the type of the records
 */
public abstract class SinkContract<T> {

    /** For subclasses. */
    protected SinkContract() {}

    /** The sink, whose target is empty when a test begins; each call gives another object for the same target. */
    protected abstract Sink<T> sink() throws Exception;

    /** What the target holds now, to be compared: rows by key, the content of a file. */
    protected abstract Object content() throws Exception;

    /** A record for each number, with a key of its own. */
    protected abstract T record(int number);

    /** The same record, by its key, with another value. */
    protected abstract T changed(int number);

    /** Whether a later version of a record replaces an earlier one; say false for a sink that keeps the first. */
    protected boolean laterWins() {
        return true;
    }

    /** Whether the sink makes records that are not there; say false for one that only changes what is. */
    protected boolean createsRecords() {
        return true;
    }

    /** Records of these numbers. */
    protected final List<T> records(int first, int last) {
        List<T> records = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            records.add(record(i));
        }
        return records;
    }

    /** The content after each record was written alone, once: what every other way of writing must come to. */
    private Object writtenOneByOne(List<T> records) throws Exception {
        for (T record : records) {
            sink().write(Batch.of(List.of(record)));
        }
        return content();
    }

    /** A batch is its records. */
    @Test
    void writesABatchAsItsRecords() throws Exception {
        sink().write(Batch.of(records(1, 50)));
        Object together = content();
        assertThat(writtenOneByOne(records(1, 50)))
                .as("written again, one by one")
                .isEqualTo(together);
        sink().write(Batch.of(records(51, 60)));
        assertThat(content()).as("more records must change the content").isNotEqualTo(together);
    }

    /** After a crash the runner writes a batch again: it must be as if it was written once. */
    @Test
    void writingTwiceIsWritingOnce() throws Exception {
        Sink<T> sink = sink();
        sink.write(Batch.of(records(1, 20)));
        Object once = content();
        sink.write(Batch.of(records(1, 20)));
        sink().write(Batch.of(records(5, 15)));
        assertThat(content())
                .as("does the sink insert, where it should write by key?")
                .isEqualTo(once);
    }

    /** A key may come twice in a batch: a page shifted, or two pages were joined. */
    @Test
    void takesAKeyTwiceInABatch() throws Exception {
        List<T> batch = records(1, 10);
        batch.add(changed(3));
        sink().write(Batch.of(batch));
        Object together = content();
        if (laterWins()) {
            sink().write(Batch.of(List.of(changed(3))));
            assertThat(content()).as("the later version of a key wins").isEqualTo(together);
        } else {
            sink().write(Batch.of(records(1, 10)));
            assertThat(content()).as("the first version of a key stays").isEqualTo(together);
        }
    }

    /** A changed record replaces the one before. */
    @Test
    void writesAChange() throws Exception {
        sink().write(Batch.of(records(1, 5)));
        Object before = content();
        sink().write(Batch.of(List.of(changed(2))));
        if (laterWins()) {
            assertThat(content()).isNotEqualTo(before);
            sink().write(Batch.of(List.of(record(2))));
        }
        assertThat(content()).isEqualTo(before);
    }

    /** A batch of nothing is nothing. */
    @Test
    void takesAnEmptyBatch() throws Exception {
        sink().write(Batch.of(records(1, 3)));
        Object before = content();
        sink().write(Batch.of(List.of()));
        assertThat(content()).isEqualTo(before);
    }

    /** What the sink tells of its records is about records that are there. */
    @Test
    void tellsWhatBecameOfEachRecord() throws Exception {
        Batch<T> first = Batch.of(records(1, 10));
        sink().write(first);
        for (int i = 0; i < first.size(); i++) {
            assertThat(first.outcome(i))
                    .as("a record that is written for the first time")
                    .isEqualTo(createsRecords() ? Batch.Outcome.WRITTEN : Batch.Outcome.UPDATED);
        }
        Batch<T> again = Batch.of(records(1, 10));
        sink().write(again);
        for (int i = 0; i < again.size(); i++) {
            assertThat(again.outcome(i)).as("a record that was there").isNotEqualTo(Batch.Outcome.REFUSED);
        }
    }
}
