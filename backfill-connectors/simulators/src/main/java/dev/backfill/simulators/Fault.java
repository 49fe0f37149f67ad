package dev.backfill.simulators;

/** A way in which an answer goes wrong. */
public enum Fault {
    /** Status 500, 502, 503 or 504 with JSON, HTML or nothing in it. */
    ERROR,
    /** The connection ends without an answer, and the call has had no effect. */
    DROPPED,
    /** The connection ends in the middle of the body; whatever the call was to do is done. */
    RESET,
    /** A whole answer with status 200 whose JSON ends in the middle. */
    TRUNCATED,
    /** The right answer, a little at a time. */
    SLOW
}
