package dev.backfill.examples;

import java.math.BigDecimal;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * A home that was sold, as the site lists it.
 *
 * @param link as on the page, which for the site's own homes is a path
 * @param address may have line breaks in it
 * @param type null if the site does not tell
 * @param rooms null if the site does not tell
 * @param area in square metres; null if the site does not tell
 * @param price in crowns
 */
record Sale(
        String link,
        String address,
        String city,
        @Nullable String type,
        @Nullable BigDecimal rooms,
        @Nullable BigDecimal area,
        long price,
        LocalDate soldOn) {}
