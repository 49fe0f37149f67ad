package dev.backfill.http;

import dev.backfill.TransientException;

/**
 * A call that cannot have reached the other side, such as for want of a connection: it has done nothing there, and may be made
 * again whatever it does.
 */
public final class UnsentException extends TransientException {

    private static final long serialVersionUID = 1;

    UnsentException(String message) {
        super(message);
    }
}
