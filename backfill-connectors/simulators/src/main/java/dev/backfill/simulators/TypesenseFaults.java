package dev.backfill.simulators;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides which imports and exports go wrong in Typesense's own ways: a function of the seed, the request, and how often it went wrong
 * just before, so that whoever tries again gets through.
 */
final class TypesenseFaults {

    private static final int MOST_IN_A_ROW = 2;

    /** What becomes of an import. */
    enum Import {
        SOUND,
        /** All is done, and nothing is said. */
        LOST,
        /** Some lines are done, and the results of some of them are sent. */
        CUT,
        /** All is done, and the last result ends in the middle. */
        CUT_LAST_LINE,
        /** All is done, and the answer has nothing in it. */
        EMPTY,
        /** All is done, later than anybody waits for. */
        LATE
    }

    /** @param dice for the details */
    record Choice(Import fault, long dice) {}

    private final TypesenseSettings settings;
    private final Map<Integer, Integer> inARow = new ConcurrentHashMap<>();
    private final AtomicInteger exports = new AtomicInteger();
    private final AtomicInteger leaderless = new AtomicInteger();

    TypesenseFaults(TypesenseSettings settings) {
        this.settings = settings;
    }

    Choice next(String body) {
        int key = body.hashCode();
        int before = inARow.getOrDefault(key, 0);
        Import fault = before >= MOST_IN_A_ROW
                ? Import.SOUND
                : chosen(Mix.below(100_000, settings.seed, key, 3_000 + before) / 1_000.0);
        if (fault != Import.SOUND) {
            inARow.put(key, before + 1);
        } else if (before > 0) {
            inARow.remove(key);
        }
        return new Choice(fault, Mix.of(settings.seed, key, 4_000 + before));
    }

    private Import chosen(double dice) {
        double[] percents = {
            settings.lostAnswers, settings.cutAnswers, settings.cutLastLines, settings.emptyAnswers, settings.late
        };
        double below = 0;
        for (int i = 0; i < percents.length; i++) {
            below += percents[i];
            if (dice < below) {
                return Import.values()[i + 1];
            }
        }
        return Import.SOUND;
    }

    /** Whether a document is refused, each time that it is sent. */
    boolean refuses(Object id) {
        return settings.refusedLines > 0
                && Mix.below(100_000, settings.seed, id.hashCode(), 5_000) < settings.refusedLines * 1_000;
    }

    /** The number of an export that is to be cut, from 1; 0 for one that is not. */
    int exportToCut() {
        int number = exports.incrementAndGet();
        return number <= settings.cutExports ? number : 0;
    }

    /** Whether there is nobody yet who leads. */
    boolean leaderless() {
        return leaderless.incrementAndGet() <= settings.leaderless;
    }
}
