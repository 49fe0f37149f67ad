package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {

    private static final String SESSION = "jdbc:postgresql://aws-0-eu-west-1.pooler.supabase.com:5432/postgres";
    private static final String TRANSACTION = "jdbc:postgresql://aws-0-eu-west-1.pooler.supabase.com:6543/postgres";
    private static final String DIRECT = "jdbc:postgresql://db.abcdefghijklmnopqrst.supabase.co:5432/postgres";

    private static Map<Object, Object> settings(String url) {
        return PostgresUrl.of(url).settings();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TRANSACTION,
                "jdbc:postgresql://db.abc.supabase.co:6543/postgres?sslmode=require",
                "jdbc:postgresql://[::1]:6543/x",
                "jdbc:postgresql://one:5432,two:6543/x",
                "jdbc:postgresql://h:6543"
            })
    void preparesNothingBehindATransactionPooler(String url) {
        assertThat(settings(url)).containsEntry("prepareThreshold", "0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                SESSION,
                DIRECT,
                "jdbc:postgresql:x",
                "jdbc:postgresql://h/6543",
                "jdbc:postgresql://h:5432/x?applicationName=:6543",
                TRANSACTION + "?prepareThreshold=3",
                TRANSACTION + "?PREPARETHRESHOLD=3"
            })
    void leavesPreparingToTheDriverElsewhereAndToWhoSaysSo(String url) {
        assertThat(settings(url)).doesNotContainKey("prepareThreshold");
    }

    @Test
    void waitsLongerThanAnyStatementAndNotForEver() {
        assertThat(settings(DIRECT))
                .containsEntry("socketTimeout", "360")
                .containsEntry("tcpKeepAlive", "true")
                .containsEntry("ApplicationName", "backfill");
        assertThat(settings(DIRECT + "?sockettimeout=900&tcpKeepAlive=false&ApplicationName=mine"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://localhost/x, ''",
        "jdbc:postgresql://127.1.2.3:6543/x, ''",
        "jdbc:postgresql://[::1]:5432/x, ''",
        "jdbc:postgresql:x, ''",
        DIRECT + "?sslmode=verify-full&sslrootcert=ca.crt, ''",
        DIRECT + "?ssl=true, ''",
        DIRECT + ", may not even be encrypted",
        DIRECT + "?sslmode=prefer, may not even be encrypted",
        DIRECT + "?ssl=true&sslmode=disable, may not even be encrypted",
        SESSION + "?sslmode=require, its server is not verified",
        SESSION + "?sslmode=verify-ca, of the same authority",
        "'jdbc:postgresql://localhost:5432,far.example:5432/x', may not even be encrypted",
        "jdbc:postgresql://127.0.0.1.evil.example/x, may not even be encrypted"
    })
    void saysWhatIsWeakAboutTheConnection(String url, String weakness) {
        String said = PostgresUrl.of(url).weakness();
        if (weakness.isEmpty()) {
            assertThat(said).isEmpty();
        } else {
            assertThat(said).contains(weakness).contains("say sslmode=verify-full");
        }
    }
}
