package dev.backfill.testkit;

import java.util.Collection;
import java.util.stream.Collectors;

/** A part does not keep its contract: what is wrong, why it matters and what to do. */
final class Lesson extends AssertionError {

    private static final long serialVersionUID = 1;

    Lesson(String wrong, String why, String advice) {
        this(wrong, why, advice, null);
    }

    Lesson(String wrong, String why, String advice, @org.jspecify.annotations.Nullable Throwable cause) {
        super(wrong + "\nWhy it matters: " + why + "\nWhat to do: " + advice, cause);
    }

    /** Throws the lesson unless all is well. */
    static void unless(boolean well, String wrong, String why, String advice) {
        if (!well) {
            throw new Lesson(wrong, why, advice);
        }
    }

    /** Some of these things, short enough for a message. */
    static String some(Collection<?> things) {
        String first = things.stream().limit(5).map(Lesson::cut).collect(Collectors.joining(", "));
        return things.size() <= 5 ? first : first + " and " + (things.size() - 5) + " more";
    }

    /** A thing, short enough for a message. */
    static String cut(Object thing) {
        String text = String.valueOf(thing);
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }
}
