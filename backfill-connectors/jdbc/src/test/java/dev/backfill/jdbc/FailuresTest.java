package dev.backfill.jdbc;

import static dev.backfill.jdbc.Failures.Kind.LASTING;
import static dev.backfill.jdbc.Failures.Kind.PASSING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.BackfillException;
import dev.backfill.TransientException;
import java.io.EOFException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each code of PostgreSQL and of Supabase's pooler means. */
class FailuresTest {

    @ParameterizedTest
    @CsvSource({
        "08000, PASSING",
        "08001, PASSING",
        "08003, PASSING",
        "08004, PASSING",
        "08006, PASSING",
        "08P01, PASSING",
        "25006, PASSING",
        "25P03, PASSING",
        "40001, PASSING",
        "40P01, PASSING",
        "53000, PASSING",
        "53100, PASSING",
        "53300, PASSING",
        "53400, PASSING",
        "55P03, PASSING",
        "57P01, PASSING",
        "57P02, PASSING",
        "57P03, PASSING",
        "58030, PASSING",
        "57014, HEAVY",
        "53200, HEAVY",
        "22001, DATA",
        "22003, DATA",
        "22021, DATA",
        "22P02, DATA",
        "22P05, DATA",
        "23502, DATA",
        "23503, DATA",
        "23505, DATA",
        "23514, DATA",
        "42804, DATA",
        "44000, DATA",
        "54000, DATA",
        "54001, DATA",
        "P0001, DATA",
        "25P02, LASTING",
        "26000, LASTING",
        "28000, LASTING",
        "28P01, LASTING",
        "3D000, LASTING",
        "42501, LASTING",
        "42703, LASTING",
        "42P01, LASTING",
        "42P05, LASTING",
        "42P10, LASTING",
        "57P04, LASTING",
        "XX000, LASTING",
        "XX001, LASTING",
    })
    void knowsEachState(String state, Failures.Kind kind) {
        assertThat(new Postgres().kind(new SQLException("x", state))).isEqualTo(kind);
        assertThat(Failures.unknown(new SQLException("x", state)))
                .as("while connecting")
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "XX000|FATAL: (EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15"
                        + "|PASSING|take fewer connections",
                "XX000|FATAL: (EMAXCONN) max client connections reached, limit: 200|PASSING|take fewer connections",
                "XX000|FATAL: (ECHECKOUTTIMEOUT) unable to check out connection from the pool after 60000ms in Transaction"
                        + " mode|PASSING|take fewer connections",
                "XX000|FATAL: (EDBHANDLEREXITED) DbHandler exited. Check logs for more information|PASSING|",
                "XX000|FATAL: (EPOOLTERMINATING) pool terminating: x|PASSING|",
                "XX000|FATAL: (EAUTHQUERY) authentication query failed: connection to database not available|PASSING|",
                "XX000|FATAL: (EAUTHQUERY) user not found in the database|LASTING|",
                "XX000|FATAL: (EBANNED) tenant is banned: x|LASTING|dashboard",
                "XX000|FATAL: (ENOTFOUND) tenant/user postgres.x not found|LASTING|postgres.<project>",
                "XX000|FATAL: (ENOIDENTIFIER) no tenant identifier provided|LASTING|postgres.<project>",
                "XX000|FATAL: (ESSLREQUIRED) SSL connection is required for user: x|LASTING|sslmode=verify-full",
                "XX000|FATAL: (ESETNOTALLOWED) session-level SET statements are not allowed|LASTING|assumeMinServerVersion",
                "XX000|ERROR: cache lookup failed (EE)|LASTING|",
                "08006|FATAL: Failed to connect to database: x|PASSING|",
                "26000|ERROR: (EPREPAREDNOTFOUND) prepared statement \"S_1\" does not exist|LASTING|prepareThreshold=0",
                "26000|ERROR: prepared statement \"S_1\" does not exist|LASTING|prepareThreshold=0",
                "42P05|ERROR: prepared statement \"S_1\" already exists|LASTING|prepareThreshold=0",
                "28P01|FATAL: password authentication failed for user \"x\"|LASTING|check user and password",
                "42501|ERROR: permission denied for table t|LASTING|grant this user the right",
                "42501|ERROR: new row violates row-level security policy for table \"t\"|LASTING|BYPASSRLS",
                "25006|ERROR: cannot execute INSERT in a read-only transaction|PASSING|disk is full",
                "53100|ERROR: could not extend file|PASSING|make room",
                "53300|FATAL: sorry, too many clients already|PASSING|take fewer connections",
                "57014|ERROR: canceling statement due to statement timeout|PASSING|fewer rows at once",
            })
    void saysWhatToDo(String state, String message, Failures.Kind kind, String advice) {
        SQLException e = new SQLException(message, state);
        RuntimeException failure = Failures.of(new Postgres(), "writing to the table t", e);
        assertThat(failure).isInstanceOf(kind == PASSING ? TransientException.class : BackfillException.class);
        assertThat(failure)
                .hasMessageContaining("writing to the table t failed: " + message + " (" + state + ")")
                .hasCause(e);
        if (advice != null) {
            assertThat(failure).hasMessageContaining(advice);
        }
    }

    @Test
    void leavesAPoolerAloneThatHasOpenedItsBreaker() {
        SQLException e = new SQLException("FATAL: (ECIRCUITBREAKER) too many authentication failures", "XX000");
        assertThat(Failures.of(null, "connecting", e))
                .isInstanceOfSatisfying(
                        TransientException.class,
                        later -> assertThat(later.after()).contains(Duration.ofMinutes(2)))
                .hasCause(e);
    }

    @Test
    void stopsWhereTheServerIsNotTheOneThatIsMeantAndGoesOnWhenTheNetworkBreaks() {
        SSLHandshakeException refused = new SSLHandshakeException("PKIX path building failed");
        refused.initCause(new CertificateException("no path"));
        SSLHandshakeException cut = new SSLHandshakeException("Remote host terminated the handshake");
        cut.initCause(new EOFException("SSL peer shut down incorrectly"));
        assertThat(Failures.unknown(new SQLException("SSL error", "08006", refused)))
                .isEqualTo(LASTING);
        assertThat(Failures.unknown(new SQLException("SSL error", "08006", cut)))
                .isEqualTo(PASSING);
        assertThat(Failures.unknown(new SQLException("I/O error", "08006", new SSLException("Connection reset"))))
                .isEqualTo(PASSING);
        assertThat(Failures.unknown(new SQLException(
                        "The hostname a could not be verified by hostnameverifier PgjdbcHostnameVerifier.", "08006")))
                .isEqualTo(LASTING);
    }
}
