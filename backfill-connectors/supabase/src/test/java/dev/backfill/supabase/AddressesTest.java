package dev.backfill.supabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Secret;
import dev.backfill.supabase.servers.Keys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people paste from the dashboard: addresses, connection strings and keys. */
class AddressesTest {

    private static final Secret PASSWORD = Secret.of("PASSWORD", "S3CR3T");

    @ParameterizedTest
    @CsvSource({
        // as the dashboard shows them: direct, both poolers, the dedicated one; for URI and for JDBC
        "postgresql://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres,"
                + " jdbc:postgresql://db.abc.supabase.co:5432/postgres?sslmode=require, postgres",
        "postgresql://postgres.abc:[YOUR-PASSWORD]@aws-0-eu-west-1.pooler.supabase.com:5432/postgres,"
                + " jdbc:postgresql://aws-0-eu-west-1.pooler.supabase.com:5432/postgres?sslmode=require, postgres.abc",
        "postgres://postgres.abc@aws-1-us-east-1.pooler.supabase.com:6543/postgres?pgbouncer=true,"
                + " jdbc:postgresql://aws-1-us-east-1.pooler.supabase.com:6543/postgres?sslmode=require, postgres.abc",
        "jdbc:postgresql://aws-0-eu-west-1.pooler.supabase.com:6543/postgres?user=postgres.abc&password=[YOUR-PASSWORD],"
                + " jdbc:postgresql://aws-0-eu-west-1.pooler.supabase.com:6543/postgres?sslmode=require, postgres.abc",
        "postgresql://us%40er@localhost/my%20db?sslmode=disable, jdbc:postgresql://localhost/my+db?sslmode=disable, us@er",
        "postgresql://u@[::1]:5433, jdbc:postgresql://[::1]:5433/postgres, u",
        "postgresql://u@example.com/db?sslmode=verify-full&sslrootcert=ca.crt,"
                + " jdbc:postgresql://example.com/db?sslmode=verify-full&sslrootcert=ca.crt, u",
    })
    void connectionStringsAreTakenAsTheDashboardShowsThem(String text, String url, String user) {
        ConnectionString found = ConnectionString.parse(text);
        assertThat(found.url()).isEqualTo(url);
        assertThat(found.user()).isEqualTo(user);
        assertThat(found.toString()).isEqualTo(url);
        Supabase.database(text, PASSWORD).close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://postgres.abc:S3CR3T@aws-0-eu-west-1.pooler.supabase.com:5432/postgres",
                "jdbc:postgresql://h/postgres?user=u&password=S3CR3T",
                "postgresql://postgres:S3CR3T@aws-0-eu-west-1.pooler.supabase.com:5432/postgres",
                "postgresql://u:S3CR3T%zz@h/db",
                "postgresql://u:S3CR3T@h:99999999/db",
                "postgresql://:S3CR3T@h/db",
                "mysql://u:S3CR3T@h/db",
                "S3CR3T",
                "",
                "postgresql://u:S3C/R3T@h/db",
                "postgresql://u:p@S3CR3T@h/db",
                "postgresql://u@h/db?socketFactory=S3CR3T",
            })
    void whatCannotBeIsRefusedWithoutBeingShown(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Supabase.database(text, PASSWORD))
                .satisfies(e -> {
                    assertThat(String.valueOf(e.getMessage())).doesNotContain("S3CR3T", "S3C/R3T");
                    assertThat(e).hasNoCause();
                });
    }

    @Test
    void aPasswordInsideIsTakenFromASecretOnly() {
        Secret whole = Secret.of(
                "SUPABASE_DB_URL", "postgresql://postgres.abc:p%40s%2Fs+w@x.pooler.supabase.com:6543/postgres");
        ConnectionString found = ConnectionString.whole(whole);
        assertThat(found.password("SUPABASE_DB_URL").reveal()).isEqualTo("p@s/s+w");
        assertThat(Supabase.database(whole).toString()).doesNotContain("p@s", "p%40");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Supabase.database(Secret.of(
                        "SUPABASE_DB_URL", "postgresql://postgres.abc:[YOUR-PASSWORD]@h.pooler.supabase.com/postgres")))
                .withMessageContaining("SUPABASE_DB_URL has no password");
    }

    @Test
    void aUserThatThePoolerCannotPlaceIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ConnectionString.parse("postgresql://postgres@aws-0-eu-west-1.pooler.supabase.com/postgres"))
                .withMessageContaining("postgres.abc");
    }

    @ParameterizedTest
    @CsvSource({
        "https://abc.supabase.co, https://abc.supabase.co/rest/v1",
        "https://abc.supabase.co/, https://abc.supabase.co/rest/v1",
        "https://abc.supabase.co/rest/v1/, https://abc.supabase.co/rest/v1",
        "https://api.example.com, https://api.example.com/rest/v1",
        "http://127.0.0.1:54321, http://127.0.0.1:54321/rest/v1",
    })
    void addressesAreTakenInTheFormsThatPeopleHave(String given, String address) {
        assertThat(Supabase.rest(given, Keys.SECRET).toString()).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({
        "'', https://abc.supabase.co",
        "abc.supabase.co, https://abc.supabase.co",
        "https://supabase.com/dashboard/project/abc, dashboard",
        "https://db.abc.supabase.co, Supabase.database",
        "postgresql://postgres@db.abc.supabase.co/postgres, Supabase.database",
        "https://a b, https://abc.supabase.co",
    })
    void addressesOfSomethingElseAreRefused(String given, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Supabase.rest(given, Keys.SECRET))
                .withMessageContaining(words);
    }

    @Test
    void aSecretNeverTravelsInTheOpen() {
        assertThatThrownBy(() -> Supabase.rest("http://abc.supabase.co", Keys.SECRET)
                        .table("items")
                        .count())
                .hasMessageContaining("not encrypted");
    }

    private static void refused(Secret key, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Supabase.rest("https://abc.supabase.co", key))
                .withMessageContainingAll("SUPABASE_KEY", words)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(key.reveal()));
    }

    @Test
    void aKeyOfTheWrongKindIsRefusedAtOnce() {
        refused(Secret.of("SUPABASE_KEY", "sb_publishable_abcdefghijklmnop"), "publishable");
        refused(Secret.of("SUPABASE_KEY", "sbp_abcdefghijklmnop"), "access token");
        refused(Secret.of("SUPABASE_KEY", "sb_secret_cut"), "malformed");
        refused(Secret.of("SUPABASE_KEY", "S3CR3T"), "malformed");
        refused(Secret.of("SUPABASE_KEY", Keys.role("service_role").reveal().substring(0, 60)), "malformed");
        refused(Secret.of("SUPABASE_KEY", "eyJhbGciOiJIUzI1NiJ9.bm8ganNvbg.c2lnbmF0dXJl"), "malformed");
        refused(Keys.role("anon"), "anon key");
        refused(Keys.token("{\"iss\":\"supabase\"}"), "no role");
        refused(Keys.token("{\"role\":\"service_role\",\"exp\":1700000000}"), "expired at 2023-11-14");
        refused(Keys.token("{\"role\":\"service_role\",\"ref\":\"xyz\"}"), "another project");
    }

    @Test
    void keysOfBothKindsAreTaken() {
        Supabase.rest("https://abc.supabase.co", Keys.SECRET).close();
        Supabase.rest(
                        "https://abc.supabase.co",
                        Keys.token("{\"role\":\"service_role\",\"ref\":\"abc\",\"exp\":9999999999}"))
                .close();
        assertThat(Supabase.rest("https://abc.supabase.co", Keys.SECRET).toString())
                .doesNotContain("S3CR3T");
    }
}
