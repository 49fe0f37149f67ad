package dev.backfill;

import java.util.ArrayList;
import java.util.List;

/** Compares what a job was with what it is. */
final class Definition {

    private static final String PHASE = "phase ";

    private Definition() {}

    /** The phases that a job of this definition has. */
    static List<String> phases(String definition) {
        List<String> phases = new ArrayList<>();
        for (String line : definition.lines().toList()) {
            boolean ofTheLast = !phases.isEmpty() && line.startsWith(PHASE + phases.get(phases.size() - 1) + " ");
            if (line.startsWith(PHASE) && !ofTheLast) {
                phases.add(line.substring(PHASE.length()));
            }
        }
        return phases;
    }

    /** Refuses a change, with the difference and the choices. */
    static void check(String job, String before, String now) {
        if (before.equals(now)) {
            return;
        }
        List<String> gone = new ArrayList<>(before.lines().toList());
        List<String> come = new ArrayList<>(now.lines().toList());
        come.removeAll(before.lines().toList());
        gone.removeAll(now.lines().toList());
        StringBuilder text = new StringBuilder("the job '" + job + "' was defined anew since its progress was saved:");
        gone.forEach(line -> text.append("\n  - ").append(line));
        come.forEach(line -> text.append("\n  + ").append(line));
        if (gone.isEmpty() && come.isEmpty()) {
            text.append("\n  its phases stand in another order");
        }
        text.append(
                        "\nEither take the change back, or keep the progress with acceptChange(), or begin again with startOver(), or give")
                .append(" the job another name.");
        throw new BackfillException.Changed(text.toString());
    }
}
