package dev.backfill.simulators;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** What is different from vendor to vendor; the server around it is the same. */
interface Api {

    /** The credential under which a call is counted; empty if it has none. */
    Optional<String> credential(Ask ask);

    /** The answer of a sound server. */
    Reply answer(Ask ask) throws InterruptedException;

    /** An answer that comes before anything is counted; empty for a call that goes on. */
    default Optional<Reply> early(Ask ask) {
        return Optional.empty();
    }

    /** An answer without data, in the vendor's way of saying such things. */
    Reply refusal(int status, String message);

    /** The answer to a call that is one too many. */
    default Reply tooMany(long seconds) {
        return refusal(429, "Too many requests");
    }

    /** Whether limits and faults are for this call, too. */
    default boolean metered(Ask ask) {
        return true;
    }

    /** The answer to an address of the simulator's own, whose path begins with two underscores; neither limited nor logged. */
    default Optional<Reply> own(Ask ask) {
        return Optional.empty();
    }

    /** Writes what a perfect run must end with, one JSON object a line, in an order that is always the same. */
    void truth(Ask ask, OutputStream out) throws IOException;
}
