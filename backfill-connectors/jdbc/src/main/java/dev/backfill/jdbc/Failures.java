package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.TransientException;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the failures of databases mean for a run. */
final class Failures {

    /** What to do about a failure. */
    enum Kind {
        /** Worth another attempt. */
        PASSING,
        /** A record is at fault. */
        DATA,
        /** The statement took too long: worth another attempt with fewer rows. */
        SLOW,
        /** A person has to do something. */
        LASTING
    }

    /** What a pooler says in words, its state being that of every internal error. */
    private static final Pattern POOLER = Pattern.compile("\\((E[A-Z]+)\\)");

    private static final Pattern POOLER_PASSING =
            Pattern.compile("EMAXCONN|EMAXCONNSESSION|ECHECKOUTTIMEOUT|EDBHANDLEREXITED|ECIRCUITBREAKER");

    private Failures() {}

    /** What a failure means that came before the database could be asked who it is. */
    static Kind unknown(SQLException e) {
        String state = state(e);
        if (e instanceof SQLTransientException || e instanceof SQLRecoverableException) {
            return Kind.PASSING;
        }
        if (e instanceof SQLNonTransientException && state.isEmpty()) {
            return Kind.LASTING;
        }
        if (state.length() < 5) {
            return Sqlite.ofCode(e.getErrorCode());
        }
        return ofState(state, e);
    }

    /** By the five letters of the standard, as PostgreSQL has them. */
    static Kind ofState(String state, SQLException e) {
        if (state.equals("57014")) {
            return Kind.SLOW;
        }
        if (state.startsWith("22") || state.startsWith("23")) {
            return Kind.DATA;
        }
        if (state.equals("XX000")) {
            Matcher pooler = POOLER.matcher(String.valueOf(e.getMessage()));
            return pooler.find() && POOLER_PASSING.matcher(pooler.group(1)).matches() ? Kind.PASSING : Kind.LASTING;
        }
        boolean passes = state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57P0")
                || state.equals("40001")
                || state.equals("40P01")
                || state.equals("55P03")
                || state.equals("25006") // a stand-by that is to become the primary
                || (state.equals("0A000")
                        && String.valueOf(e.getMessage()).matches("(?s).*(cached plan|during recovery).*"));
        return passes || e instanceof SQLTransientException || e instanceof SQLRecoverableException
                ? Kind.PASSING
                : Kind.LASTING;
    }

    static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /** The failure as the runner understands it. */
    static RuntimeException of(@Nullable Dialect dialect, String doing, SQLException e) {
        Kind kind = dialect == null ? unknown(e) : dialect.kind(e);
        String message = doing + " failed: " + words(e);
        return switch (kind) {
            case PASSING, SLOW -> new TransientException(message, e);
            case DATA, LASTING -> new BackfillException(message + advice(state(e), words(e)), e);
        };
    }

    /** What the database said, on one line, with its code. */
    static String words(SQLException e) {
        String said =
                String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
        String code = state(e).isEmpty() ? "" : " (" + state(e) + ")";
        return said + code;
    }

    private static String advice(String state, String words) {
        String advice = switch (state) {
            case "42P01" -> "create the table, or name another";
            case "42703" -> "add the column to the table, or take it out of the record";
            case "42501" -> "grant this user the right to read and write the table, or take another user";
            case "42P10" -> "create a unique index on exactly the key columns";
            case "28P01", "28000" -> "check user and password";
            case "3D000" -> "create the database, or name another";
            case "26000", "42P05" -> "say prepareThreshold=0 in the URL when a pooler is between";
            default -> "";
        };
        if (advice.isEmpty() && words.contains("ON CONFLICT clause does not match")) {
            advice = "create a unique index on exactly the key columns";
        }
        return advice.isEmpty() ? "" : "; " + advice;
    }
}
