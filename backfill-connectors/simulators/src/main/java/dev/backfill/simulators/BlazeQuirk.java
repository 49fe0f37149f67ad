package dev.backfill.simulators;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** One thing that the Blaze API does, or may do, and that its clients must bear. */
public enum BlazeQuirk {
    /** Some transactions have {@code "cart":null}. */
    NULL_CARTS,
    /** Some carts have no items, null items, or an empty list. */
    MISSING_ITEMS,
    /** One item of a thousand has no {@code id}; the truth leaves them out. Not by default. */
    ITEMS_WITHOUT_ID,
    /** Some items have {@code "productId":null}. */
    NULL_PRODUCTS,
    /** Some carts have two lines with the same product, quantity and price. */
    DUPLICATE_LINES,
    /** Some names have quotes, backslashes and emoji in them. */
    EMOJI,
    /** Some statuses are in no documentation. */
    UNKNOWN_VALUES,

    /** The day of {@code endDate} does not belong to the window. */
    END_DATE_EXCLUSIVE,
    /** Windows are by {@code processedTime}, from which {@code completedTime} differs. */
    FILTERS_BY_PROCESSED,
    /** The answer's {@code limit} is what was asked for, even above 100. */
    ECHOES_ASKED_LIMIT,
    /** A wrong store key is answered with 403 instead of 401. */
    STORE_KEY_403,
    /** The store key may come with {@code Bearer}. */
    BEARER_ACCEPTED,
    /** The partner key is taken from {@code x-api-key} only. */
    API_KEY_HEADER_ONLY,
    /** The partner key is taken from {@code partner_key} only. */
    PARTNER_KEY_HEADER_ONLY,
    /** The total wavers by one from call to call. */
    TOTAL_DRIFTS,
    /** Rows are given from the newest to the oldest. */
    NEWEST_FIRST,
    /** Behind the end, {@code values} is null instead of an empty list. */
    NULL_VALUES,
    /** Calls without dates are refused instead of meaning the last seven days. */
    DATES_REQUIRED,
    /** All errors have the older form with {@code errorType}. */
    LEGACY_ERRORS,
    /** Where pages are asked for with {@code start}, it is the page's number and not an offset. */
    START_IS_PAGE,
    /** Members take seven days at most, too. */
    MEMBERS_CAPPED,
    /** Answers are compressed for clients that accept it. */
    GZIP,

    /** Between the pages of a window, sales appear in it that were completed before. */
    LATE_COMPLETIONS,
    /** Between the pages of a window, rows vanish from it. */
    VOIDS,
    /** Between the pages of a window, refunds change its rows and raise their {@code modified}. */
    REFUNDS,
    /** An edit gives the items of a transaction new ids. */
    EDITS_CHANGE_ITEM_IDS,
    /** A window that includes today has one row more at each call. */
    TODAY_GROWS;

    /** What a simulator does when nothing is said: every trap in the data that a correct client survives without loss. */
    public static final Set<BlazeQuirk> STANDARD = Collections.unmodifiableSet(
            EnumSet.of(NULL_CARTS, MISSING_ITEMS, NULL_PRODUCTS, DUPLICATE_LINES, EMOJI, UNKNOWN_VALUES));
}
