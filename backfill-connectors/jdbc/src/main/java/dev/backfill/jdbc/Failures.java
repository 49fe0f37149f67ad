package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.TransientException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** What the failures of databases mean for a run. */
final class Failures {

    /** What to do about a failure. */
    enum Kind {
        /** Worth another attempt. */
        PASSING,
        /** A record is at fault. */
        DATA,
        /** Too much for one statement, by time or by memory: worth another attempt with fewer rows. */
        HEAVY,
        /** A person has to do something. */
        LASTING
    }

    /** What a stricter isolation than read committed says when another has changed the same row. */
    static final String SERIALIZATION = "40001";

    private static final Set<String> PASSING = Set.of(
            "25006", // read-only: a stand-by that is to become the primary, or a disk that was full
            "25P03", // idle for too long inside a transaction
            "25P04",
            SERIALIZATION,
            "40003",
            "40P01",
            "55P03",
            "57P01",
            "57P02",
            "57P03",
            "57P05");

    /** Beside 22, 23 and 54, which is also what a value is said that is too large for an index. */
    private static final Set<String> DATA = Set.of("42804", "44000", "P0001");

    private static final Duration BREAKER = Duration.ofMinutes(2);

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
        String message = String.valueOf(e.getMessage());
        if (state.equals("57014") || state.equals("53200")) {
            return Kind.HEAVY;
        }
        if (state.startsWith("22") || state.startsWith("23") || state.startsWith("54") || DATA.contains(state)) {
            return Kind.DATA;
        }
        if (state.equals("XX000")) {
            return Pooler.passes(message) ? Kind.PASSING : Kind.LASTING;
        }
        if (state.startsWith("08")) {
            return unverified(e) ? Kind.LASTING : Kind.PASSING;
        }
        boolean passes = state.startsWith("53")
                || state.startsWith("58")
                || PASSING.contains(state)
                || (state.equals("0A000") && message.matches("(?s).*(cached plan|during recovery).*"));
        return passes || e instanceof SQLTransientException || e instanceof SQLRecoverableException
                ? Kind.PASSING
                : Kind.LASTING;
    }

    /** Whether the other side is not, or cannot show that it is, the one that is meant: trying again would change nothing. */
    private static boolean unverified(SQLException e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            boolean cut = at.getCause() instanceof IOException; // in the middle of a handshake
            if (at instanceof CertificateException
                    || at instanceof SSLPeerUnverifiedException
                    || at instanceof FileNotFoundException
                    || (at instanceof SSLHandshakeException && !cut)) {
                return true;
            }
        }
        return String.valueOf(e.getMessage()).matches("(?s).*(does not support SSL|could not be verified).*");
    }

    static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /** The failure as the runner understands it. */
    static RuntimeException of(@Nullable Dialect dialect, String doing, SQLException e) {
        Kind kind = dialect == null ? unknown(e) : dialect.kind(e);
        String message = doing + " failed: " + words(e) + advice(e);
        if (kind == Kind.DATA || kind == Kind.LASTING) {
            return new BackfillException(message, e);
        }
        if (Pooler.code(message).equals("ECIRCUITBREAKER")) {
            TransientException later = new TransientException(message, BREAKER);
            later.initCause(e);
            return later;
        }
        return new TransientException(message, e);
    }

    /** What the database said, on one line, with its code. */
    static String words(SQLException e) {
        String said =
                String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
        String code = state(e).isEmpty() ? "" : " (" + state(e) + ")";
        return said + code;
    }

    private static String advice(SQLException e) {
        String words = words(e);
        String advice = Pooler.advice(words);
        if (advice.isEmpty()) {
            advice = advice(state(e), words);
        }
        if (advice.isEmpty() && state(e).startsWith("08") && unverified(e)) {
            advice = "the server could not be verified: check host, sslmode and sslrootcert";
        }
        return advice.isEmpty() ? "" : "; " + advice;
    }

    private static String advice(String state, String words) {
        return switch (state) {
            case "42P01" -> "create the table, or name another";
            case "42703" -> "add the column to the table, or take it out of the record";
            case "42501" ->
                words.contains("row-level security")
                        ? "a policy of the table forbids such a row to this user: take the table's owner or a role with"
                                + " BYPASSRLS, or change the policy"
                        : "grant this user the right to read and write the table, or take another user";
            case "42P10" -> "create a unique index on exactly the key columns";
            case "28P01", "28000" -> "check user and password";
            case "3D000" -> "create the database, or name another";
            case "26000", "42P05" -> Pooler.PREPARED;
            case "25006" ->
                "the database takes no writes. Supabase makes a project read-only when its disk is full: make room, or"
                        + " take a larger disk; else connect to the primary";
            case "53100" -> "make room on the database's disk, or take a larger one";
            case "53300" -> Pooler.CONNECTIONS;
            case "57014" ->
                "a statement may take five minutes: look for a missing index, a lock or a slow trigger, and take fewer"
                        + " rows at once";
            default ->
                words.contains("ON CONFLICT clause does not match")
                        ? "create a unique index on exactly the key columns"
                        : "";
        };
    }
}
