package dev.backfill.testkit;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A source, read from one place to its end.
 *
 * @param cursors where each page began
 * @param pages one for each cursor
 * @param looks the records of each page in words, as they were when it was read
 */
record Reading<T>(List<Cursor> cursors, List<Page<T>> pages, List<String> looks) {

    private static final int MAX_PAGES = 100_000;

    static <T> Reading<T> of(Source<T> source) throws Exception {
        return of(source, Cursor.START);
    }

    /** Reads on, with each cursor as it comes back from storage. */
    static <T> Reading<T> of(Source<T> source, Cursor from) throws Exception {
        Reading<T> reading = new Reading<>(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Set<Cursor> seen = new HashSet<>();
        Cursor at = from;
        while (true) {
            unseen(at, seen);
            Page<T> page = page(source, at);
            reading.cursors.add(at);
            reading.pages.add(page);
            reading.looks.add(page.items().toString());
            if (page.next().isEmpty()) {
                return reading;
            }
            at = page.next().get();
            Lesson.unless(
                    reading.cursors.size() < MAX_PAGES,
                    "the source does not end: it has given " + MAX_PAGES + " pages, the last at " + at,
                    "a job over it would never be complete",
                    "move the cursor on with every page, and end with Page.last");
        }
    }

    /** Fails if this cursor was seen before, else notes it. */
    static void unseen(Cursor at, Set<Cursor> seen) {
        Lesson.unless(
                seen.add(at),
                "the source comes back to the cursor " + at,
                "it would go round for ever, and the runner stops it",
                "let each next cursor be another than all before, and end with Page.last");
    }

    /** One page; what keeps the source from giving it becomes a lesson. */
    static <T> Page<T> page(Source<T> source, Cursor from) throws Exception {
        Page<T> page;
        try {
            page = source.read(Cursor.parse(from.json()));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("cannot be stored") || message.contains("cannot be read as")) {
                throw new Lesson(
                        "the cursor cannot be stored and read back: at " + from + ", " + message,
                        "after a crash the cursor is all that another process has; what lives in this one's memory only is gone",
                        "give Page.of a number, a string, a date, or a record of these, from which the next call can be made",
                        e);
            }
            throw failed(from, e);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw failed(from, e);
        }
        if (page == null) {
            throw new Lesson(
                    "the source gave null for a page, at " + from,
                    "null says neither that there are no records nor that the source has ended",
                    "end with Page.last(List.of())");
        }
        return page;
    }

    private static Lesson failed(Cursor from, Exception e) {
        return new Lesson(
                "reading the page at " + from + " failed: " + e,
                "every cursor that a source has given must be readable, now and after a restart",
                "look at the cause below; does the position in the cursor say everything that the call needs?",
                e);
    }

    /** All records. */
    List<T> records() {
        List<T> records = new ArrayList<>();
        pages.forEach(page -> records.addAll(page.items()));
        return records;
    }

    /** How many records the largest page has. */
    int largest() {
        return pages.stream().mapToInt(page -> page.items().size()).max().orElse(0);
    }

    /** Fails if one of these records has not come, and says what is likely to be the fault. */
    void gives(Collection<T> expected) {
        Set<T> missing = new LinkedHashSet<>(expected);
        missing.removeAll(new HashSet<>(records()));
        if (missing.isEmpty()) {
            return;
        }
        if (missing.size() == new HashSet<>(expected).size() && records().size() >= expected.size()) {
            throw new Lesson(
                    "none of the " + records().size() + " records equals an expected one: "
                            + Lesson.some(
                                    List.of(records().get(0), missing.iterator().next())),
                    "records that cannot be compared cannot be checked",
                    "let the record type have equals, as a Java record does; or is the expected list made in another way?");
        }
        int last = pages.get(pages.size() - 1).items().size();
        String lost = missing.size() + " of " + expected.size() + " records are lost, such as "
                + Lesson.some(List.of(missing.iterator().next())) + ". ";
        String why = "a job over this source would be COMPLETE without them, and nobody would know";
        if (skips()) {
            throw new Lesson(
                    lost
                            + "The offset is moved by the size that was asked for: a cursor moves on by more than the page had records",
                    why,
                    "move it by the records that came, page.size(): a server may give fewer than it was asked for");
        }
        if (last > 0 && last < largest()) {
            throw new Lesson(
                    lost + "A short page is taken for the end: the last page has " + last + " records, the largest has "
                            + largest(),
                    why,
                    "end where the other side says that there is no more, or at an empty page; a server may give fewer"
                            + " records than it was asked for in the middle");
        }
        throw new Lesson(
                lost + "They are on none of the " + pages.size() + " pages",
                why,
                "look where they stand in the source: at the edge of two pages or windows, among equal keys, or behind a filter;"
                        + " and does your record type have equals, as a record does?");
    }

    /** Whether the cursors are numbers that move on by more than there were records, every time. */
    private boolean skips() {
        boolean any = false;
        for (int i = 1; i + 1 < cursors.size(); i++) {
            String from = cursors.get(i).json();
            String to = cursors.get(i + 1).json();
            if (!from.matches("\\d{1,9}") || !to.matches("\\d{1,9}")) {
                return false;
            }
            int step = Integer.parseInt(to) - Integer.parseInt(from);
            if (step <= pages.get(i).items().size()) {
                return false;
            }
            any = true;
        }
        return any;
    }

    /** Fails if a record has come that should not. */
    void givesNothingBut(Collection<T> expected) {
        Set<T> more = new LinkedHashSet<>(records());
        more.removeAll(new HashSet<>(expected));
        Lesson.unless(
                more.isEmpty(),
                more.size() + " records came that are not expected, such as " + Lesson.some(more),
                "what does not belong there is written to the sink like everything else",
                "look whether a filter is missing, a window is too wide, or the record is not read as it is; and does your record"
                        + " type have equals, as a record does?");
    }
}
