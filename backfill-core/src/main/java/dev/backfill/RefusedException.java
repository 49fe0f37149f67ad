package dev.backfill;

/**
 * A sink or a step cannot take a batch because of what is in it, and trying again would not help.
 *
 * <p>The runner halves the batch until the records at fault are alone, writes the others, and keeps those as dead letters.
 */
public class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /**
     * @param message the reason, which becomes the dead letter's; without secrets
     */
    public RefusedException(String message) {
        super(message);
    }

    /**
     * @param message the reason, which becomes the dead letter's; without secrets
     * @param cause what the other side said
     */
    public RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
