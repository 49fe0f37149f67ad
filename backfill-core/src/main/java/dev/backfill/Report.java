package dev.backfill;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a run did, and where the job stands now.
 *
 * @param job the job's name
 * @param run the number of the run
 * @param status how the run ended
 * @param partitions every partition that is known, in the order of phases and of the sources' lists
 * @param deadLetters dead letters that wait to be replayed
 * @param took how long this run took
 * @param comeBack how long the other side asked to be left alone, if the run ended for that
 * @param signal the number of the signal that stopped the run, if the job {@linkplain Backfill#stopOnSignals stops on signals}; a program
 *     then ends with 128 and this number
 * @param notes what a person should know, such as a source that may miss records
 * @param parallel the most partitions that this run worked on side by side
 */
public record Report(
        String job,
        long run,
        Status status,
        List<Part> partitions,
        long deadLetters,
        Duration took,
        Optional<Duration> comeBack,
        OptionalInt signal,
        List<String> notes,
        int parallel) {

    /** How a run ended. */
    public enum Status {
        /** Everything that the sources have is in the sinks or the dead letters. */
        COMPLETE,
        /** Some partitions failed; the next run takes only those. */
        PARTIAL,
        /** The run was stopped; the next one goes on. */
        INTERRUPTED,
        /** The run could not go on. */
        FAILED
    }

    /** How far a partition is. */
    public enum State {
        /** Read to its end. */
        DONE,
        /** Read to its end as of now; it grows, and the next run reads on. */
        OPEN,
        /** Begun or not, and not at its end. */
        WAITING,
        /** Given up by this run, with the reason. */
        FAILED
    }

    /**
     * One partition.
     *
     * @param counts what became of its records, over all runs
     * @param problem why it failed
     */
    public record Part(String phase, String partition, State state, Counts counts, Optional<String> problem) {}

    /** Copies. */
    public Report {
        partitions = List.copyOf(partitions);
        notes = List.copyOf(notes);
    }

    /** Whether everything is in place. */
    public boolean complete() {
        return status == Status.COMPLETE;
    }

    /** All partitions together. */
    public Counts counts() {
        return partitions.stream().map(Part::counts).reduce(Counts.ZERO, Counts::plus);
    }

    /** The partitions of a phase together. */
    public Counts counts(String phase) {
        return partitions.stream()
                .filter(part -> part.phase().equals(phase))
                .map(Part::counts)
                .reduce(Counts.ZERO, Counts::plus);
    }

    /** How far each partition is, by its name; of several phases with the same names, as the last of them says. */
    public Map<String, State> states() {
        Map<String, State> states = new LinkedHashMap<>();
        partitions.forEach(part -> states.put(part.partition(), part.state()));
        return states;
    }

    /** The share of the partitions that are at their end, from 0 to 1. */
    double share() {
        return partitions.isEmpty() ? 0 : done() / (double) partitions.size();
    }

    private long done() {
        return partitions.stream()
                .filter(part -> part.state() == State.DONE || part.state() == State.OPEN)
                .count();
    }

    /** A few lines for a person. */
    @Override
    public String toString() {
        Counts counts = counts();
        StringBuilder text = new StringBuilder();
        text.append(job)
                .append(": ")
                .append(status)
                .append(" (run ")
                .append(run)
                .append(", ");
        text.append(took.toMillis() / 1000.0).append(" s)\n");
        text.append("  read ").append(counts.read());
        text.append(" = filtered ").append(counts.filtered());
        text.append(" + failed ").append(counts.failed());
        text.append(" + passed ").append(counts.passed()).append('\n');
        text.append("  produced ").append(counts.produced());
        text.append(" = inserted ").append(counts.inserted());
        text.append(" + updated ").append(counts.updated());
        text.append(" + unchanged ").append(counts.unchanged());
        text.append(" + dead ").append(counts.dead()).append('\n');
        text.append("  partitions ").append(done()).append(" of ").append(partitions.size());
        if (parallel > 1) {
            text.append(", up to ").append(parallel).append(" side by side");
        }
        if (deadLetters > 0) {
            text.append("\n  dead letters ")
                    .append(deadLetters)
                    .append(" (see deadLetters(), mend the cause, replay())");
        }
        for (Part part : partitions) {
            part.problem()
                    .ifPresent(problem -> text.append("\n  failed ")
                            .append(part.phase())
                            .append('/')
                            .append(part.partition())
                            .append(": ")
                            .append(problem));
        }
        comeBack.ifPresent(wait -> text.append("\n  the other side asks to come back in ")
                .append(wait.toSeconds())
                .append(" s"));
        notes.forEach(note -> text.append("\n  note: ").append(note));
        return text.toString();
    }
}
