package dev.backfill.simulators;

/** Numbers that look like chance and are a function of a seed, so that no data has to be kept and every run can be repeated. */
final class Mix {

    private Mix() {}

    /** A number from 0 to {@link Long#MAX_VALUE} for this place, and another one for each salt. */
    static long of(long seed, long place, long salt) {
        long z = seed * 0x9E3779B97F4A7C15L + place * 0xD1B54A32D192ED03L + salt * 0x8CB92BA72F3D8DD7L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return (z ^ (z >>> 31)) >>> 1;
    }

    /** A number from 0 to the bound, without it. */
    static int below(int bound, long seed, long place, long salt) {
        return (int) (of(seed, place, salt) % bound);
    }
}
