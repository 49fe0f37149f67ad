package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What every source must do while the data behind it does not change. Extend it, say what yours reads, and run it as a JUnit test.
 *
 * @param <T> the type of the records
 */
public abstract class SourceContract<T> {

    private static final int MAX_PAGES = 100_000;

    /** For subclasses. */
    protected SourceContract() {}

    /** The source, over data that fill several pages; each call gives another object, as another process would have. */
    protected abstract Source<T> source() throws Exception;

    /** All records that it must give; in any order, repeats allowed. */
    protected abstract List<T> expected() throws Exception;

    private record Reading<T>(List<Cursor> cursors, List<Page<T>> pages) {
        List<T> from(int page) {
            List<T> records = new ArrayList<>();
            pages.subList(page, pages.size()).forEach(one -> records.addAll(one.items()));
            return records;
        }
    }

    private Reading<T> read(Source<T> source, Cursor from) throws Exception {
        List<Cursor> cursors = new ArrayList<>();
        List<Page<T>> pages = new ArrayList<>();
        Cursor at = from;
        while (true) {
            assertThat(cursors.size())
                    .as("the source gives more than %s pages: does its cursor move on?", MAX_PAGES)
                    .isLessThan(MAX_PAGES);
            cursors.add(at);
            Page<T> page = source.read(at);
            pages.add(page);
            if (page.next().isEmpty()) {
                return new Reading<>(cursors, pages);
            }
            at = page.next().get();
        }
    }

    /** From the start to the end, every record comes. */
    @Test
    void givesEveryRecord() throws Exception {
        Reading<T> all = read(source(), Cursor.START);
        assertThat(new HashSet<>(all.from(0)))
                .as("a short page is not the end, and a full one may be; is the offset moved by what came?")
                .isEqualTo(new HashSet<>(expected()));
        assertThat(all.pages().size())
                .as("give the source data for several pages, else this proves little")
                .isGreaterThan(2);
    }

    /** From every position, as stored and read by another process, the same rest comes. */
    @Test
    void goesOnFromEveryPosition() throws Exception {
        Reading<T> all = read(source(), Cursor.START);
        // the start last: it may end what was begun before, such as an export into a file
        for (int i = all.cursors().size() - 1; i >= 0; i--) {
            Cursor stored = Cursor.parse(all.cursors().get(i).json());
            Set<T> rest = new HashSet<>(read(source(), stored).from(0));
            assertThat(rest)
                    .as(
                            "from %s another object must give all that the first gave; is there a state in the source?",
                            stored)
                    .containsAll(all.from(i));
        }
    }

    /** The same cursor gives the same page, however often and in whatever order it is asked for. */
    @Test
    void keepsNoState() throws Exception {
        Source<T> source = source();
        Reading<T> all = read(source, Cursor.START);
        for (int i = all.cursors().size() - 1; i >= 0; i--) {
            assertThat(source.read(all.cursors().get(i)).items())
                    .as(
                            "page at %s, read again by the same object after later pages",
                            all.cursors().get(i))
                    .isEqualTo(all.pages().get(i).items());
        }
    }

    /** No two pages have the same cursor: a source that comes back never ends. */
    @Test
    void neverComesBack() throws Exception {
        assertThat(read(source(), Cursor.START).cursors()).doesNotHaveDuplicates();
    }
}
