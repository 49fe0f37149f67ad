package dev.backfill.examples;

import dev.backfill.BackfillException;
import dev.backfill.Report;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;

/** What the exit codes of all jobs mean. */
final class Exit {

    /** Everything is in place. */
    static final int COMPLETE = 0;
    /** The job could not go on, or not begin. */
    static final int FAILED = 1;
    /** The command line or a setting is wrong. */
    static final int USAGE = 2;
    /** Some partitions failed, there are dead letters, or the job stopped in time and is to be run again. */
    static final int PARTIAL = 3;
    /** Another runner is at work on the job, or the job was defined anew. */
    static final int REFUSED = 4;
    /** Stopped by this signal, added to it: 130 for Ctrl-C, 143 for an ordinary kill. */
    static final int SIGNAL = 128;

    static final int INTERRUPT = 2;

    private Exit() {}

    static int code(Report report) {
        return switch (report.status()) {
            case COMPLETE -> report.deadLetters() == 0 ? COMPLETE : PARTIAL;
            case PARTIAL -> PARTIAL;
            case INTERRUPTED ->
                report.signal().isPresent() ? SIGNAL + report.signal().getAsInt() : PARTIAL;
            case FAILED -> FAILED;
        };
    }

    static int code(Throwable e) {
        if (e instanceof Wrong) {
            return USAGE;
        }
        if (e instanceof BackfillException.Held
                || e instanceof BackfillException.Changed
                || e instanceof BackfillException.Lost) {
            return REFUSED;
        }
        if (e instanceof InterruptedException) {
            return SIGNAL + INTERRUPT;
        }
        return FAILED;
    }

    /** What is wrong with a file, in words. */
    static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "it is not there";
        }
        if (e instanceof AccessDeniedException) {
            return "access is denied";
        }
        return e instanceof FileAlreadyExistsException ? "a file is in its place" : String.valueOf(e.getMessage());
    }

    /** Whether credentials may be sent there: in the open only within this machine. */
    static boolean safe(URI url) {
        return "https".equals(url.getScheme())
                || ("http".equals(url.getScheme())
                        && List.of("127.0.0.1", "localhost", "[::1]").contains(url.getHost()));
    }

    /** One line or a few for a person. */
    static String message(Throwable e) {
        String message = e.getMessage();
        if (e instanceof BackfillException.Changed) {
            return message + " Here: --start-over, or another --home.";
        }
        if (e instanceof BackfillException.Held) {
            return message + " (--wait waits for it)";
        }
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }

    /** A setting that cannot be; the message says which and how it should be. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }
}
