package dev.backfill;

/**
 * How many records took which way; they add up.
 *
 * <p>On the way in, {@code read = filtered + failed + passed}. On the way out, {@code produced = inserted + updated + unchanged +
 * dead}; what is still between the two is in no count.
 *
 * @param read records that the source gave
 * @param filtered records from which the steps made nothing
 * @param failed records at which a step threw; they are dead letters
 * @param passed records from which the steps made at least one
 * @param produced records that the steps made
 * @param inserted records that are new in the sink, or were written by a sink that does not say more
 * @param updated records that were in the sink with other values
 * @param unchanged records that were in the sink already
 * @param dead records that the sink refused; they are dead letters
 */
public record Counts(
        long read,
        long filtered,
        long failed,
        long passed,
        long produced,
        long inserted,
        long updated,
        long unchanged,
        long dead) {

    /** Nothing yet. */
    public static final Counts ZERO = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Checks that nothing is negative and that both sides add up. */
    public Counts {
        if (Math.min(Math.min(filtered, failed), Math.min(passed, inserted)) < 0
                || Math.min(Math.min(updated, unchanged), dead) < 0) {
            throw new IllegalArgumentException("a count is negative");
        }
        if (read != filtered + failed + passed) {
            throw new IllegalArgumentException(
                    "read " + read + " is not filtered " + filtered + " + failed " + failed + " + passed " + passed);
        }
        if (produced != inserted + updated + unchanged + dead) {
            throw new IllegalArgumentException("produced " + produced + " is not inserted " + inserted + " + updated "
                    + updated + " + unchanged " + unchanged + " + dead " + dead);
        }
    }

    /** Both together. */
    public Counts plus(Counts other) {
        return new Counts(
                read + other.read,
                filtered + other.filtered,
                failed + other.failed,
                passed + other.passed,
                produced + other.produced,
                inserted + other.inserted,
                updated + other.updated,
                unchanged + other.unchanged,
                dead + other.dead);
    }

    /** Records that were kept as dead letters, refused by a step or by the sink. */
    public long deadLetters() {
        return failed + dead;
    }
}
