package dev.backfill.supabase;

import dev.backfill.BackfillException;
import dev.backfill.RefusedException;
import dev.backfill.TransientException;
import dev.backfill.http.HttpException;
import java.time.Duration;

/**
 * What the answers of the API mean for a run: by the code in the body, since one status stands for many things and differs between
 * versions; by the status only where a gateway has answered. What the database says in {@code details} quotes rows and is left out.
 */
final class Failures {

    /** How long a schema that was just changed takes to be known to the API. */
    static final Duration RELOAD = Duration.ofSeconds(2);

    private Failures() {}

    /** Took too long, or was too much at once: the same with fewer rows may pass, and else another attempt may. */
    static final class Slow extends TransientException {
        private static final long serialVersionUID = 1;

        Slow(String message) {
            super(message);
        }
    }

    /** The request is larger than what lies between will carry. */
    static final class TooLarge extends RefusedException {
        private static final long serialVersionUID = 1;

        TooLarge(String message) {
            super(message);
        }
    }

    /** The API does not know a table or a column; it may be new, for what the API knows is renewed a little later. */
    static final class Unknown extends BackfillException {
        private static final long serialVersionUID = 1;

        Unknown(String message) {
            super(message, null);
        }
    }

    static RuntimeException of(HttpException answer, String doing) {
        String code = text(answer, "code");
        if (code.matches("[0-9A-Z]{5}|PGRST\\w+|PT\\d{3}")) {
            return byCode(answer, code, doing);
        }
        return byStatus(answer, doing);
    }

    private static String text(HttpException answer, String name) {
        return answer.error().get(name) instanceof String text ? text : "";
    }

    private static RuntimeException byCode(HttpException answer, String code, String doing) {
        String words = line(text(answer, "message")) + " (" + code + ")";
        String message = doing + " failed: " + words;
        if (code.startsWith("PGRST")) {
            return ofApi(answer, code, message);
        }
        return switch (code) {
            case "57014" -> new Slow(message);
            case "25006" ->
                stop(
                        message,
                        "the project is read-only, as it becomes when its disk is full: look at its database settings");
            case "42P01" -> new Unknown(message + "; create the table, or name another");
            case "42703" -> new Unknown(message + "; add the column to the table, or take it out of the record");
            case "42P10" -> stop(message, "create a unique index on exactly the key columns");
            case "42501" ->
                stop(
                        message,
                        "grant the key's role the right to read and write the table; if row level security is told, take a"
                                + " secret key, which it does not bind");
            default -> ofClass(answer, code, message, words);
        };
    }

    /** By the first letters of the database's own codes. */
    private static RuntimeException ofClass(HttpException answer, String code, String message, String words) {
        return switch (code.substring(0, 2)) {
            // also keys that are equal to the database only (21), too large for an index (54), refused by a view (44)
            // or a trigger
            case "21", "22", "23", "44", "54", "P0", "PT" -> new RefusedException(words);
            case "28", "0L", "0P" -> stop(message, "take a secret key of this project");
            case "08", "40", "53", "55", "57", "58", "XX", "25" -> passing(answer, message);
            default -> stop(message, "");
        };
    }

    /** The codes of PostgREST itself. */
    private static RuntimeException ofApi(HttpException answer, String code, String message) {
        return switch (code) {
            case "PGRST000", "PGRST001", "PGRST002" -> passing(answer, message);
            case "PGRST003" -> new TransientException(message + "; with fewer partitions side by side it is rarer");
            case "PGRST106" -> stop(message, "add the schema to the exposed schemas in the API's settings");
            case "PGRST204" -> new Unknown(message + "; add the column to the table, or take it out of the record");
            case "PGRST202", "PGRST205" -> new Unknown(message + "; create the table, or name another");
            case "PGRST301", "PGRST302", "PGRST303" -> stop(message, "take a secret key of this project");
            default -> stop(message, "");
        };
    }

    private static RuntimeException byStatus(HttpException answer, String doing) {
        // not answer.getMessage() if it is JSON: nobody knows what else is in it
        String said = text(answer, "message").isEmpty() ? text(answer, "error") : text(answer, "message");
        String message = doing + " failed: "
                + (answer.error().isEmpty()
                        ? answer.getMessage()
                        : "status " + answer.status() + (said.isEmpty() ? "" : ", " + line(said)));
        return switch (answer.status()) {
            case 401, 403 -> stop(message, "take a secret key of this project");
            case 402 -> stop(message, "the project is restricted: look at its quota and its bills");
            case 404 ->
                answer.error().isEmpty()
                                && answer.getMessage() != null
                                && answer.getMessage().contains("<")
                        ? stop(message, "check the project's address")
                        : new Unknown(message + "; create the table, or name another; and check the project's address");
            case 413, 414, 431 -> new TooLarge(message);
            case 504, 524, 544, 546 -> new Slow(message);
            case 540 -> stop(message, "the project is paused: restore it in the dashboard, and run again");
            case 408, 425, 429 -> passing(answer, message);
            default -> answer.status() >= 500 ? passing(answer, message) : stop(message, "");
        };
    }

    private static TransientException passing(HttpException answer, String message) {
        return answer.after().isPresent()
                ? new TransientException(message, answer.after().get())
                : new TransientException(message);
    }

    private static BackfillException stop(String message, String advice) {
        return new BackfillException(advice.isEmpty() ? message : message + "; " + advice, null);
    }

    private static String line(String text) {
        String first = text.lines().findFirst().orElse("").strip();
        StringBuilder clean = new StringBuilder();
        first.codePoints()
                .limit(500)
                .forEach(c -> clean.appendCodePoint(
                        Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c));
        return clean.toString();
    }
}
