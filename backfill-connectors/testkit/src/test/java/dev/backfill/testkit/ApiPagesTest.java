package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a run makes of pages that are short, empty, the same again, or not as they were said to be. */
class ApiPagesTest {

    private final World world = new World(9);
    private final Checkpoint checkpoint = new MemoryCheckpoint();
    private final Map<Integer, Integer> written = new TreeMap<>();
    private final AtomicInteger calls = new AtomicInteger();

    private <T> T in(World.Body<T> body) throws Exception {
        return world.run(body).orElseThrow();
    }

    private Sink<Integer> sink() {
        return batch -> batch.forEach(number -> written.merge(number, 1, Integer::sum));
    }

    private Report run(Source<Integer> source) throws Exception {
        Source<Integer> counted = new Source<>() {
            @Override
            public Page<Integer> read(Cursor from) throws Exception {
                calls.incrementAndGet();
                return source.read(from);
            }

            @Override
            public Paging paging() {
                return source.paging();
            }
        };
        return in(() -> Backfill.named("job")
                .from(counted)
                .into(sink())
                .batch(10)
                .checkpoint(checkpoint)
                .run());
    }

    private static List<Integer> range(int first, int last) {
        return IntStream.rangeClosed(first, last).boxed().toList();
    }

    /** A list that is paged by skipping, by a service that gives so many rows at most, whatever is asked for. */
    private static Source<Integer> skipping(List<Integer> rows, int most) {
        return from -> {
            int at = Math.min(from.orElse(0), rows.size());
            List<Integer> page = List.copyOf(rows.subList(at, Math.min(at + most, rows.size())));
            return page.isEmpty() ? Page.last(page) : Page.of(page, at + page.size());
        };
    }

    private void eachIsWrittenOnce(int last) {
        assertThat(written.keySet()).isEqualTo(new java.util.TreeSet<>(range(1, last)));
        assertThat(written.values()).allMatch(times -> times == 1);
    }

    // ---- the end

    @Test
    void readsOnBehindShortAndEmptyPages() throws Exception {
        List<List<Integer>> pages = List.of(
                range(1, 10),
                range(11, 13),
                List.of(),
                List.of(),
                range(14, 23),
                List.of(24),
                List.of(),
                range(25, 34));
        Source<Integer> source = from -> {
            int page = from.orElse(0);
            return page == pages.size() - 1 ? Page.last(pages.get(page)) : Page.of(pages.get(page), page + 1);
        };
        Report report = run(source);
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().read()).isEqualTo(34);
        eachIsWrittenOnce(34);
    }

    @Test
    void aFullLastPageIsFollowedByAnEmptyOneWhichIsTheEnd() throws Exception {
        assertThat(run(skipping(range(1, 30), 10)).complete()).isTrue();
        assertThat(calls).hasValue(4);
        eachIsWrittenOnce(30);
    }

    @Test
    void aServiceThatGivesLessThanAskedForLosesNothing() throws Exception {
        assertThat(run(skipping(range(1, 98), 3)).counts().read()).isEqualTo(98);
        eachIsWrittenOnce(98);
    }

    @Test
    void anEmptySourceAndOneRecordAndAnEmptyWindowAreComplete() throws Exception {
        for (int size : new int[] {0, 1}) {
            Report report = in(() -> Backfill.named("size " + size)
                    .from(skipping(range(1, size), 10))
                    .into(sink())
                    .checkpoint(checkpoint)
                    .run());
            assertThat(report.complete()).isTrue();
            assertThat(report.counts().read()).isEqualTo(size);
        }
        eachIsWrittenOnce(1);
        Report windows = in(() -> Backfill.named("windows")
                .from(Partitioned.of(
                        List.of(1, 2, 3),
                        i -> "window " + i,
                        i -> skipping(i == 2 ? List.of() : range(i * 10, i * 10 + 4), 3)))
                .into(sink())
                .checkpoint(checkpoint)
                .run());
        assertThat(windows.complete()).isTrue();
        assertThat(windows.states())
                .containsEntry("window 2", Report.State.DONE)
                .hasSize(3);
        assertThat(windows.counts().read()).isEqualTo(10);
    }

    @Test
    void aRecordInsertedBeforeThePlaceMovesOthersOntoTwoPagesAndLosesNone() throws Exception {
        List<Integer> rows = new ArrayList<>(range(1, 50));
        Source<Integer> source = from -> {
            Page<Integer> page = skipping(rows, 10).read(from);
            if (from.equals(Cursor.of(20))) {
                rows.add(0, 100);
                rows.add(5, 101);
            }
            return page;
        };
        assertThat(run(source).complete()).isTrue();
        assertThat(written.keySet()).containsAll(range(1, 50));
        assertThat(written).containsEntry(29, 2).containsEntry(30, 2);
    }

    @Test
    void aSourceThatGivesFewerThanItSaidIsToldInTheReport() throws Exception {
        Report fewer = run(from -> skipping(range(1, 240), 100).read(from).withTotal(250));
        assertThat(fewer.notes())
                .anyMatch(note -> note.contains("the source said 250 records of main/all and gave 240"));
        Report all = in(() -> Backfill.named("all")
                .from((Source<Integer>)
                        from -> skipping(range(1, 240), 100).read(from).withTotal(240))
                .into(sink())
                .checkpoint(checkpoint)
                .run());
        assertThat(all.notes()).noneMatch(note -> note.contains("the source said"));
    }

    // ---- the same again

    @Test
    void aSourceThatGivesTheSamePageForEverEnds() throws Exception {
        BackfillException e = catchThrowableOfType(
                BackfillException.class, () -> run(from -> Page.of(range(1, 5), from.orElse(0) + 1)));
        assertThat(e).hasMessageContaining("looping").hasMessageContaining("the same 5 records");
        assertThat(e.report().orElseThrow().status()).isEqualTo(Report.Status.PARTIAL);
        assertThat(calls.get()).isLessThan(1_010);
    }

    @Test
    void aServiceThatAnswersBehindTheLastPageWithTheLastEnds() throws Exception {
        BackfillException e = catchThrowableOfType(
                BackfillException.class,
                () -> run(from -> {
                    int page = Math.min(from.orElse(0), 3);
                    return Page.of(range(page * 5 + 1, page * 5 + 5), from.orElse(0) + 1);
                }));
        assertThat(e).hasMessageContaining("looping");
        assertThat(written.keySet()).as("what came before is kept").containsAll(range(1, 20));
    }

    @Test
    void aPageThatACacheGaveInThePlaceOfTheNextIsAskedForAgain() throws Exception {
        AtomicInteger stale = new AtomicInteger(1);
        Source<Integer> source = from -> {
            Page<Integer> page = skipping(range(1, 40), 10).read(from);
            boolean cached = from.equals(Cursor.of(20)) && stale.getAndSet(0) == 1;
            return cached ? Page.of(range(11, 20), 30) : page;
        };
        assertThat(run(source).counts().read()).isEqualTo(40);
        eachIsWrittenOnce(40);
    }

    @Test
    void aPageThatComesTwiceIsReadOnceMoreAndThenTakenAsItIs() throws Exception {
        List<List<Integer>> pages = List.of(range(1, 3), range(1, 3), range(4, 6));
        Source<Integer> source = from -> {
            int page = from.orElse(0);
            return page == 2 ? Page.last(pages.get(page)) : Page.of(pages.get(page), page + 1);
        };
        Report report = run(source);
        assertThat(report.complete()).isTrue();
        assertThat(calls).hasValue(4);
        assertThat(report.counts().read()).isEqualTo(9);
        assertThat(written.keySet()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void recordsThatAreAlikeAreNoLoop() throws Exception {
        Source<Integer> some = from -> {
            int page = from.orElse(0);
            return page == 900 ? Page.last(List.of(8)) : Page.of(List.of(7, 7), page + 1);
        };
        assertThat(run(some).counts().read()).isEqualTo(1_801);
        Source<Integer> many = new Source<>() {
            @Override
            public Page<Integer> read(Cursor from) {
                int page = from.orElse(0);
                return page == 1_900 ? Page.last(List.of()) : Page.of(List.of(7, 7), page + 1);
            }

            @Override
            public Paging paging() {
                return Paging.KEYSET;
            }
        };
        Report report = in(() -> Backfill.named("many")
                .from(many)
                .into(sink())
                .checkpoint(checkpoint)
                .run());
        assertThat(report.counts().read()).isEqualTo(3_800);
    }

    // ---- records of another shape

    private static Source<Map<String, Object>> changing(int last, int firstOfOtherShape) {
        return from -> {
            int start = from.orElse(1);
            List<Map<String, Object>> page = new ArrayList<>();
            for (int i = start; i < start + 10; i++) {
                Object total = i < firstOfOtherShape || i % 2 == 0 ? i : Collections.singletonMap("amount", i);
                page.add(Map.of("id", i, "total", total, i > 20 ? "new field" : "old field", "x"));
            }
            return start + 10 > last ? Page.last(page) : Page.of(page, start + 10);
        };
    }

    private Backfill shapes(int last, int firstOfOtherShape) {
        return Backfill.named("shapes")
                .from(changing(last, firstOfOtherShape))
                .map(row -> (Integer) java.util.Objects.requireNonNull(row.get("total")))
                .into(sink())
                .batch(10)
                .tolerate(20, 1)
                .checkpoint(checkpoint);
    }

    @Test
    void aRecordWhoseFieldHasAnotherTypeIsADeadLetterAndTooManyEndTheRun() throws Exception {
        Report report = in(() -> shapes(30, 27).run());
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().failed()).isEqualTo(2);
        assertThat(written).hasSize(28).doesNotContainKeys(27, 29);
        in(() -> {
            shapes(30, 27).startOver();
            return true;
        });
        BackfillException e = catchThrowableOfType(
                BackfillException.class, () -> in(() -> shapes(10_000, 27).run()));
        assertThat(e).hasMessageContaining("dead letters").hasMessageContaining("tolerate");
        assertThat(e.report().orElseThrow().status()).isEqualTo(Report.Status.FAILED);
        assertThat(e.report().orElseThrow().counts().read()).isLessThan(200);
    }
}
