package dev.backfill.testkit;

/** The simulated process has died here. Nothing may catch it and go on. */
final class Crash extends Error {

    private static final long serialVersionUID = 1;

    Crash(String where) {
        super(where, null, false, false); // thousands are thrown, and nobody reads their stack
    }
}
