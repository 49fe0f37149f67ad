package dev.backfill.blaze;

import java.time.LocalDate;

/**
 * A place in a window of days.
 *
 * @param from the first day that is asked for: the window's own, or the end that it had when it was finished before
 * @param spot the place in the answer to that
 */
record Place(LocalDate from, Spot spot) {

    static Place at(LocalDate from) {
        return new Place(from, Spot.FIRST);
    }
}
