package dev.backfill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The steps of a phase, applied to a page at a time. */
final class Steps<T, R> {

    private final List<Step> steps;

    /** That each record is made of the one at its place; as long as the longest page so far, and made anew by whoever needs a longer one. */
    private volatile int[] same = {};

    Steps(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** A record at which a step failed; its origin is the record of the page from which it was made. */
    record Failed(String key, int origin, String reason) {}

    /**
     * What became of a page: {@code read = filtered + failed + passed}.
     *
     * @param origins for each record, that of the page from which it was made; may be longer than the records
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Made<R>(List<R> records, int[] origins, long filtered, long passed, List<Failed> failed) {

        /** The places of the records made of one of the page's. */
        List<Integer> of(int origin) {
            return IntStream.range(0, records.size())
                    .filter(i -> origins[i] == origin)
                    .boxed()
                    .toList();
        }
    }

    private static final Pattern KEY = Pattern.compile("#(\\d{1,9})( before step \\d+)?(, \\d+)?");

    /** The record of the page that the key of a {@link Failed} means; empty if this is no such key. */
    static OptionalInt origin(String key) {
        Matcher matcher = KEY.matcher(key);
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    /** Called before a batch is halved. */
    @FunctionalInterface
    interface Halving {
        void halved(int records, String reason);
    }

    /**
     * Runs all steps.
     *
     * @throws Exception if a step for many records failed, but for a refusal
     */
    @SuppressWarnings("unchecked") // the types were checked where the steps were added
    Made<R> apply(List<T> page, Halving halving) throws Exception {
        if (steps.isEmpty()) {
            return new Made<>((List<R>) page, same(page.size()), 0, page.size(), List.of());
        }
        Application application = new Application(page, halving);
        for (Step step : steps) {
            application.take(step);
        }
        return application.made();
    }

    private int[] same(int size) {
        int[] known = same;
        if (known.length < size) {
            known = IntStream.range(0, size).toArray();
            same = known;
        }
        return known;
    }

    /** One page on its way through the steps. */
    private static final class Application {

        private final int size;
        private final Halving halving;
        private final List<Failed> failures = new ArrayList<>();
        private final BitSet failedOrigins = new BitSet();
        private int step;
        private List<Object> records;
        /** For each record, that of the page from which it was made; never decreasing. */
        private int[] origins;

        @SuppressWarnings("unchecked")
        Application(List<?> page, Halving halving) {
            this.size = page.size();
            this.halving = halving;
            this.records = (List<Object>) page;
            this.origins = new int[size];
            Arrays.setAll(origins, i -> i);
        }

        void take(Step next) throws Exception {
            List<Object> before = records;
            int[] from = origins;
            records = new ArrayList<>(before.size());
            origins = new int[before.size()];
            if (next instanceof Step.Each each) {
                each(each.single(), before, from);
            } else if (next instanceof Step.Whole whole) {
                whole(whole.transform(), before, from, 0, before.size());
            }
            step++;
        }

        private void each(Step.Single single, List<Object> before, int[] from) throws IOException {
            for (int i = 0; i < before.size(); i++) {
                int size = records.size();
                try {
                    single.apply(before.get(i), records);
                } catch (TransientException e) {
                    throw e;
                } catch (UncheckedIOException e) {
                    throw e.getCause();
                } catch (RuntimeException | StackOverflowError e) {
                    records.subList(size, records.size()).clear();
                    fail(i, from, "a step failed: " + e);
                }
                trace(size, from[i]);
            }
        }

        private void whole(
                Backfill.Transform<Object, Object> transform, List<Object> before, int[] from, int start, int end)
                throws Exception {
            if (start == end) {
                return;
            }
            try {
                List<?> made = transform.apply(before.subList(start, end));
                for (int i = 0; i < made.size(); i++) {
                    records.add(Objects.requireNonNull(made.get(i), "the function of batches gave a null record"));
                    // which record came of which, the function does not say: they are taken to stand in the same order
                    trace(records.size() - 1, from[Math.min(start + i, end - 1)]);
                }
            } catch (RefusedException e) {
                if (end - start == 1) {
                    fail(start, from, "a step refused it: " + e.getMessage());
                    return;
                }
                halving.halved(end - start, String.valueOf(e.getMessage()));
                int middle = (start + end) >>> 1;
                whole(transform, before, from, start, middle);
                whole(transform, before, from, middle, end);
            }
        }

        private void trace(int first, int origin) {
            if (records.size() > origins.length) {
                origins = Arrays.copyOf(origins, Math.max(records.size(), 2 * origins.length));
            }
            Arrays.fill(origins, first, records.size(), origin);
        }

        /**
         * Its key is where it comes from: {@code #17} in the page, {@code #17 before step 2} later on, and {@code #17 before step 2, 3}
         * for the third of several that were made of it. Not its place among all, which moves when an earlier record is mended.
         */
        private void fail(int index, int[] from, String reason) {
            int origin = from[index];
            int nth = 1;
            while (nth <= index && from[index - nth] == origin) {
                nth++;
            }
            String key = "#" + origin + (step == 0 ? "" : " before step " + (step + 1)) + (nth == 1 ? "" : ", " + nth);
            failures.add(new Failed(key, origin, reason));
            failedOrigins.set(origin);
        }

        @SuppressWarnings("unchecked")
        <R> Made<R> made() {
            long passed = 0;
            for (int i = 0; i < records.size(); i++) {
                boolean first = i == 0 || origins[i] != origins[i - 1];
                if (first && !failedOrigins.get(origins[i])) {
                    passed++;
                }
            }
            return new Made<>(
                    (List<R>) records, origins, size - passed - failedOrigins.cardinality(), passed, failures);
        }
    }
}
