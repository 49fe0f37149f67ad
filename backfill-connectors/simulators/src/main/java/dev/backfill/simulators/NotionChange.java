package dev.backfill.simulators;

/** Something that people do to a simulated Notion while a client reads it. */
public enum NotionChange {
    /** A new page, made now. */
    INSERT,
    /** A note is changed. */
    EDIT,
    /** A page goes to the trash. */
    TRASH,
    /** The flag is set to Keep. */
    TAG
}
