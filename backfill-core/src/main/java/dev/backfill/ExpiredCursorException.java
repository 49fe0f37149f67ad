package dev.backfill;

/** A source no longer takes a cursor that it gave: the partition is read again from its start. */
public class ExpiredCursorException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * @param message what the source said
     */
    public ExpiredCursorException(String message) {
        super(message);
    }
}
