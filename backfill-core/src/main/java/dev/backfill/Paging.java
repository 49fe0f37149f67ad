package dev.backfill;

/** How a source moves through its records, and so whether records can be missed when the source changes meanwhile. */
public enum Paging {
    /** Rows after a key, in the order of that key. Safe with a lag for rows that become visible late. */
    KEYSET(true),
    /** Each page must begin at or before the last row taken, else the source steps back. Safe. */
    ANCHORED(true),
    /** Each partition is read in one answer, so nothing can shift inside it. Safe. */
    ONE_PAGE(true),
    /** A token of the service says where to go on. As safe as the service makes it. */
    TOKEN(true),
    /** So many rows are skipped. Rows are missed when others are deleted meanwhile. */
    OFFSET(false),
    /** The source does not say. */
    UNDECLARED(false);

    private final boolean safe;

    Paging(boolean safe) {
        this.safe = safe;
    }

    /** Whether a record that stays in the source during the run is read for certain. */
    public boolean safe() {
        return safe;
    }
}
