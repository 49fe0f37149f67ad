package dev.backfill.jdbc;

import dev.backfill.Batch;
import org.jspecify.annotations.Nullable;

/** What became of each record of a batch. */
final class Outcomes {

    private final Batch.@Nullable Outcome[] outcomes;
    private final @Nullable String[] reasons;
    private int refused;

    Outcomes(int size) {
        this.outcomes = new Batch.@Nullable Outcome[size];
        this.reasons = new @Nullable String[size];
    }

    void say(int index, Batch.Outcome outcome) {
        outcomes[index] = outcome;
    }

    void refuse(int index, String why) {
        outcomes[index] = Batch.Outcome.REFUSED;
        reasons[index] = why;
        refused++;
    }

    int refused() {
        return refused;
    }

    /** Whether a record was refused with this state. */
    boolean refusedWith(String state) {
        for (int i = 0; refused > 0 && i < reasons.length; i++) {
            String reason = reasons[i];
            if (reason != null && reason.endsWith("(" + state + ")")) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return outcomes.length;
    }

    /** Passes it all on; a record that was inserted needs no word. */
    void tell(Batch<?> batch) {
        for (int i = 0; i < outcomes.length; i++) {
            Batch.Outcome outcome = outcomes[i];
            if (outcome == Batch.Outcome.UPDATED) {
                batch.updated(i);
            } else if (outcome == Batch.Outcome.UNCHANGED) {
                batch.unchanged(i);
            } else if (outcome == Batch.Outcome.REFUSED) {
                batch.refused(i, String.valueOf(reasons[i]));
            }
        }
    }
}
