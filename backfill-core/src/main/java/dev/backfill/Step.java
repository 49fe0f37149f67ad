package dev.backfill;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;

/** One step between source and sink; its types were checked where it was made. */
sealed interface Step {

    /** A step that looks at each record alone. */
    record Each(Single single) implements Step {}

    /** A step that looks at many records together. */
    record Whole(Backfill.Transform<Object, Object> transform) implements Step {}

    /** Adds to the list what becomes of the record. */
    @FunctionalInterface
    interface Single {
        void apply(Object record, List<Object> into);
    }

    @SuppressWarnings("unchecked")
    static Step map(Function<?, ?> mapping) {
        Function<Object, Object> checked = (Function<Object, Object>) Objects.requireNonNull(mapping, "mapping");
        return new Each((record, into) -> into.add(made(checked.apply(record), "map")));
    }

    @SuppressWarnings("unchecked")
    static Step filter(Predicate<?> condition) {
        Predicate<Object> checked = (Predicate<Object>) Objects.requireNonNull(condition, "condition");
        return new Each((record, into) -> {
            if (checked.test(record)) {
                into.add(record);
            }
        });
    }

    @SuppressWarnings("unchecked")
    static Step flatMap(Function<?, ?> mapping) {
        Function<Object, Collection<?>> checked =
                (Function<Object, Collection<?>>) Objects.requireNonNull(mapping, "mapping");
        return new Each((record, into) -> {
            for (Object one : made(checked.apply(record), "flatMap")) {
                into.add(made(one, "flatMap"));
            }
        });
    }

    @SuppressWarnings("unchecked")
    static Step batches(Backfill.Transform<?, ?> transform) {
        return new Whole((Backfill.Transform<Object, Object>) Objects.requireNonNull(transform, "transform"));
    }

    private static <X> X made(X value, String step) {
        if (value == null) {
            throw new IllegalArgumentException(
                    "the function of " + step + " gave null; drop a record with filter or an empty list");
        }
        return value;
    }
}
