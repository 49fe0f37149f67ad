package dev.backfill.blaze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.ExpiredCursorException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decisions of paging, against lists that change while they are read. */
class SpotTest {

    private static List<String> rows(int count) {
        return new ArrayList<>(
                IntStream.range(0, count).mapToObj(i -> "row" + i).toList());
    }

    private static List<String> page(List<String> list, long at, int rows) {
        int from = (int) Math.min(at, list.size());
        return list.subList(from, Math.min(list.size(), from + rows));
    }

    @FunctionalInterface
    private interface Change {
        void apply(List<String> list, int call);
    }

    private record Outcome(Set<String> seen, int calls, int given, boolean gaveUp) {}

    /** Reads as the runner does: from the start again when told so, four times at most. */
    private static Outcome read(List<String> list, int rowsPerPage, Change change, boolean counted) {
        Set<String> seen = new HashSet<>();
        int calls = 0;
        int given = 0;
        for (int pass = 0; pass < 4; pass++) {
            Optional<Spot> spot = Optional.of(Spot.FIRST);
            try {
                while (spot.isPresent()) {
                    assertThat(++calls).isLessThan(10_000);
                    List<String> page = List.copyOf(page(list, spot.get().at(), rowsPerPage));
                    Spot.Taken taken =
                            spot.get().take(page, counted ? OptionalLong.of(list.size()) : OptionalLong.empty());
                    taken.fresh().forEach(index -> seen.add(page.get(index)));
                    given += taken.fresh().size();
                    assertThat(taken.next()).isNotEqualTo(spot);
                    spot = taken.next();
                    if (spot.isPresent()) {
                        change.apply(list, calls);
                    }
                }
                return new Outcome(seen, calls, given, false);
            } catch (ExpiredCursorException e) {
                // the next pass
            }
        }
        return new Outcome(seen, calls, given, true);
    }

    private static final Change NONE = (list, call) -> {};

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "99, 1", "100, 2", "101, 2", "1000, 11"})
    void aListThatStaysIsReadOnceWithHardlyMoreCallsThanPages(int count, int calls) {
        Outcome outcome = read(rows(count), 100, NONE, true);
        assertThat(outcome.seen()).hasSize(count);
        assertThat(outcome.given()).isEqualTo(count);
        assertThat(outcome.calls()).isEqualTo(calls);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 6, 50, 99})
    void pagesMayBeSmallerThanAskedFor(int rowsPerPage) {
        for (boolean counted : new boolean[] {true, false}) {
            Outcome outcome = read(rows(230), rowsPerPage, NONE, counted);
            assertThat(outcome.seen()).hasSize(230);
            assertThat(outcome.given()).isEqualTo(230);
            assertThat(outcome.gaveUp()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 6, 20, 60, 150})
    void rowsThatVanishBeforeThePlaceCostNoOthers(int vanishing) {
        vanish(vanishing, true);
        vanish(vanishing, false); // the anchor alone, without the count that would find the loss
    }

    private static void vanish(int vanishing, boolean counted) {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<String> list = rows(1_500);
            Set<String> stable = new HashSet<>(list);
            Outcome outcome = read(
                    list,
                    100,
                    (rows, call) -> {
                        for (int i = 0; call <= 8 && i < vanishing && rows.size() > 100; i++) {
                            stable.remove(rows.remove(random.nextInt(Math.min(rows.size(), 400))));
                        }
                    },
                    counted);
            assertThat(outcome.gaveUp()).as("seed %s", seed).isFalse();
            assertThat(outcome.seen()).as("seed %s", seed).containsAll(stable);
        }
    }

    @Test
    void rowsThatComeAndGoEverywhereNeverPassForComplete() {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            List<String> list = rows(800);
            Set<String> stable = new HashSet<>(list);
            int changes = 1 + random.nextInt(20);
            int until = random.nextInt(60);
            Outcome outcome = read(
                    list,
                    100,
                    (rows, call) -> {
                        for (int i = 0; call < until && i < changes; i++) {
                            if (random.nextBoolean()) {
                                rows.add(random.nextInt(rows.size() + 1), "new" + random.nextLong());
                            } else {
                                stable.remove(rows.remove(random.nextInt(rows.size())));
                            }
                        }
                    },
                    true);
            if (!outcome.gaveUp()) {
                assertThat(outcome.seen()).as("seed %s", seed).containsAll(stable);
            }
        }
    }

    @Test
    void rowsThatAppearBeforeThePlaceAreFoundByTheCount() {
        List<String> list = rows(500);
        Outcome outcome = read(
                list,
                100,
                (rows, call) -> {
                    if (call == 3) {
                        rows.add(10, "late");
                    }
                },
                true);
        assertThat(outcome.gaveUp()).isFalse();
        assertThat(outcome.seen()).containsAll(list);
    }

    @Test
    void rowsThatAreAddedAtTheEndAreRead() {
        List<String> list = rows(350);
        Outcome outcome = read(
                list,
                100,
                (rows, call) -> {
                    if (call < 30) {
                        rows.add("today" + call);
                    }
                },
                true);
        assertThat(outcome.gaveUp()).isFalse();
        assertThat(outcome.seen()).containsAll(list);
    }

    @Test
    void aCountThatWaversByOneIsAskedForAgain() {
        Spot spot = Spot.FIRST;
        List<String> list = rows(150);
        int calls = 0;
        while (true) {
            Spot.Taken taken = spot.take(page(list, spot.at(), 100), OptionalLong.of(150 + (calls++ % 3) - 1));
            if (taken.next().isEmpty()) {
                break;
            }
            spot = taken.next().get();
        }
        assertThat(calls).isLessThan(8);
    }

    @Test
    void aCountThatStaysDifferentIsNeverTheEnd() {
        assertThatThrownBy(() -> {
                    Spot spot = Spot.FIRST;
                    while (true) {
                        spot = spot.take(page(rows(240), spot.at(), 100), OptionalLong.of(250))
                                .next()
                                .orElseThrow();
                    }
                })
                .isInstanceOf(ExpiredCursorException.class)
                .hasMessageContaining("240 rows were read, but Blaze counts 250");
    }

    @Test
    void thePlaceStaysSmallHoweverLongTheListIs() {
        Spot spot = Spot.FIRST;
        List<String> list = rows(5_000);
        while (true) {
            Spot.Taken taken = spot.take(page(list, spot.at(), 100), OptionalLong.of(5_000));
            if (taken.next().isEmpty()) {
                break;
            }
            spot = taken.next().get();
            assertThat(spot.last()).hasSizeLessThanOrEqualTo(5);
        }
    }
}
