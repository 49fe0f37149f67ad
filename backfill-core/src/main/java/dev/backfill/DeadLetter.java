package dev.backfill;

import java.util.Objects;
import java.util.Optional;

/**
 * A record that could not be written, and why; kept until it is replayed.
 *
 * <p>It does not hold the record itself unless the job says so: replay reads the page again.
 *
 * @param phase the phase's name
 * @param partition the partition's name
 * @param page the cursor of the page in which the record was read
 * @param key the key by which the sink writes the record, or {@code #17}: its place in the page
 * @param reason why it was refused, for a person
 * @param attempts how often it was tried
 * @param payload the record as text, if the job keeps payloads
 */
public record DeadLetter(
        String phase,
        String partition,
        Cursor page,
        String key,
        String reason,
        int attempts,
        Optional<String> payload) {

    private static final int MAX_TEXT = 2_000;

    /** Checks, and cuts a reason or key that is too long to keep. */
    public DeadLetter {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(partition, "partition");
        Objects.requireNonNull(page, "page");
        Objects.requireNonNull(payload, "payload");
        key = cut(key);
        reason = cut(reason);
        if (attempts < 1) {
            throw new IllegalArgumentException("a dead letter has at least one attempt, not " + attempts);
        }
    }

    static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    /** Whether this is about the same record of the same page. */
    public boolean sameRecord(DeadLetter other) {
        return phase.equals(other.phase)
                && partition.equals(other.partition)
                && page.equals(other.page)
                && key.equals(other.key);
    }
}
