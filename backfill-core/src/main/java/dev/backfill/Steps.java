package dev.backfill;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The steps of a phase, applied to a page at a time. */
final class Steps<T, R> {

    private final List<Step> steps;

    Steps(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** A record at which a step failed. */
    record Failed(String key, String reason) {}

    /** What became of a page: {@code read = filtered + failed + passed}. */
    record Made<R>(List<R> records, long filtered, long passed, List<Failed> failed) {}

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
            return new Made<>((List<R>) page, 0, page.size(), List.of());
        }
        List<Object> records = (List<Object>) page;
        List<Failed> failed = new ArrayList<>();
        long passed = page.size();
        for (int i = 0; i < steps.size(); i++) {
            List<Object> made = new ArrayList<>(records.size());
            if (steps.get(i) instanceof Step.Each each) {
                passed = Math.min(passed, each(each.single(), i, records, made, failed));
            } else if (steps.get(i) instanceof Step.Whole whole) {
                whole(whole.transform(), i, records, 0, made, failed, halving);
                passed = Math.min(passed, made.size());
            }
            records = made;
        }
        long dead = Math.min(failed.size(), page.size());
        passed = Math.min(passed, page.size() - dead);
        return new Made<>((List<R>) records, page.size() - dead - passed, passed, failed);
    }

    private static long each(Step.Single step, int number, List<Object> records, List<Object> made, List<Failed> failed)
            throws IOException {
        long passed = 0;
        for (int i = 0; i < records.size(); i++) {
            int before = made.size();
            try {
                step.apply(records.get(i), made);
            } catch (TransientException e) {
                throw e;
            } catch (java.io.UncheckedIOException e) {
                throw e.getCause();
            } catch (RuntimeException | StackOverflowError e) {
                made.subList(before, made.size()).clear();
                failed.add(new Failed(key(number, i), "a step failed: " + e));
            }
            if (made.size() > before) {
                passed++;
            }
        }
        return passed;
    }

    private static void whole(
            Backfill.Transform<Object, Object> transform,
            int number,
            List<Object> records,
            int offset,
            List<Object> made,
            List<Failed> failed,
            Halving halving)
            throws Exception {
        if (records.isEmpty()) {
            return;
        }
        try {
            for (Object one : transform.apply(records)) {
                made.add(Objects.requireNonNull(one, "the function of batches gave a null record"));
            }
        } catch (RefusedException e) {
            if (records.size() == 1) {
                failed.add(new Failed(key(number, offset), "a step refused it: " + e.getMessage()));
                return;
            }
            halving.halved(records.size(), String.valueOf(e.getMessage()));
            int half = records.size() / 2;
            whole(transform, number, records.subList(0, half), offset, made, failed, halving);
            whole(transform, number, records.subList(half, records.size()), offset + half, made, failed, halving);
        }
    }

    /** The place of a record on its way: {@code #17} in the page, {@code #17 before step 2} later on. */
    private static String key(int step, int index) {
        return step == 0 ? "#" + index : "#" + index + " before step " + (step + 1);
    }
}
