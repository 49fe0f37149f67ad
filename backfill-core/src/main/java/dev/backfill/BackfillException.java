package dev.backfill;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A run that did not end well, with its report; or one that could not begin. The message says what to do next. */
public class BackfillException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Optional<Report> report;

    /**
     * @param message what happened and what to do next
     * @param cause the first failure
     */
    public BackfillException(String message, @Nullable Throwable cause) {
        this(message, cause, null);
    }

    BackfillException(String message, @Nullable Throwable cause, @Nullable Report report) {
        super(message, cause);
        this.report = Optional.ofNullable(report);
    }

    /** What was done before the run ended; empty if it could not begin. */
    public Optional<Report> report() {
        return report;
    }

    /** Another runner is at work on this job. */
    public static class Held extends BackfillException {
        private static final long serialVersionUID = 1;

        /**
         * @param message names the holder: host, process, and since when
         */
        public Held(String message) {
            super(message, null);
        }
    }

    /** The job has been defined anew since its progress was saved. */
    public static class Changed extends BackfillException {
        private static final long serialVersionUID = 1;

        /**
         * @param message the difference and the choices
         */
        public Changed(String message) {
            super(message, null);
        }
    }

    /** The saved progress cannot be believed; it is never taken for empty. */
    public static class Damaged extends BackfillException {
        private static final long serialVersionUID = 1;

        /**
         * @param message what is damaged, and the choices
         */
        public Damaged(String message) {
            super(message, null);
        }
    }

    /** Another runner has taken this job over; this one can no longer save anything. */
    public static class Lost extends BackfillException {
        private static final long serialVersionUID = 1;

        /**
         * @param message who has the job now, as far as known
         */
        public Lost(String message) {
            super(message, null);
        }
    }
}
