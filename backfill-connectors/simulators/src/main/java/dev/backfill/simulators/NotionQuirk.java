package dev.backfill.simulators;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** One thing that the Notion API does, or may do, and that its clients must bear. */
public enum NotionQuirk {
    /** Some titles are empty, in several pieces, or have emoji and no-break spaces in them. */
    ODD_TITLES,
    /** Some relations have more references, and some texts more mentions, than a page shows of them. */
    LONG_PROPERTIES,
    /** There is a property of a type that no client knows. */
    UNKNOWN_TYPE,

    /** Only version 2022-06-28 is known, with databases in the place of data sources. */
    LEGACY_ONLY,
    /** A query that is cut at the cap does not say so; as may be the case for legacy databases. */
    CAP_UNTOLD,
    /** A query that is cut at the cap says so on each of its pages and not on the last only. */
    CAP_TOLD_EARLY,
    /** A cursor is refused when the page that it names has gone to the trash. */
    CURSOR_DIES_WITH_PAGE,
    /** Each query, at its first page, orders pages of the same minute anew. */
    SHUFFLED_TIES,
    /** Without sorts, the order changes with each write. */
    RESTLESS_ORDER,
    /** Some answers have fewer pages than were asked for although more follow. */
    SHORT_PAGES,
    /** Some answers have no page at all although more follow. */
    EMPTY_PAGES,
    /** An edit that changes nothing does not count as an edit. */
    SAME_VALUE_UNEDITED,
    /** A property that does not exist is ignored by edits instead of refused. */
    UNKNOWN_PROPERTY_IGNORED,
    /** The integration may not read content: pages have nothing but an id. */
    PARTIAL_PAGES,
    /** Every fiftieth call is answered 529, and does not say how long to wait. */
    OVERLOADS,
    /** The integration is blocked: every call is answered 429, and waiting does not help. */
    BLOCKED,
    /** Limits are told with nothing but the text inside the answer. */
    RETRY_AFTER_IN_BODY_ONLY,
    /** Answers are compressed for clients that accept it. */
    GZIP;

    /** What a simulator does when nothing is said: every trap in the data that a correct client survives without loss. */
    public static final Set<NotionQuirk> STANDARD =
            Collections.unmodifiableSet(EnumSet.of(ODD_TITLES, LONG_PROPERTIES, UNKNOWN_TYPE));
}
