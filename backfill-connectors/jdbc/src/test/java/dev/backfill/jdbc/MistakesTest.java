package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Source;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What users get wrong ends as it should, and says where and what to do. */
class MistakesTest {

    record Item(int id, String name) {}

    private static final Item ITEM = new Item(1, "a");

    @TempDir
    Path folder;

    private static void write(TableSink sink, Object... records) {
        sink.write(Batch.of(List.of(records)));
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void namesTheTableThatIsMissing(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        assertThatThrownBy(() -> write(db.table("itm").upsert("id"), ITEM))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("no table 'itm'")
                .hasMessageContaining("createIfMissing");
        assertThatThrownBy(() -> db.table("itm").rows(Item.class).read(Cursor.START))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("no table 'itm'");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void namesTheColumnThatIsMissing(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE item (id int PRIMARY KEY, title text)");
        Table table = store.db().table("item");
        for (TableSink sink : List.of(table.upsert("id"), table.update("id"))) {
            assertThatThrownBy(() -> write(sink, ITEM))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("the table item has no column 'name' (it has id, title)")
                    .hasMessageContaining("add the column to the table, or take it out of the record");
        }
        assertThatThrownBy(() -> write(table.upsert("itemId"), Map.of("id", 1)))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("no column 'itemId'");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void namesTheKeyWithoutAUniqueIndex(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE item (id int, name text, UNIQUE (id, name))");
        assertThatThrownBy(() -> write(store.db().table("item").upsert("id"), ITEM))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("writing to the table item by id failed")
                .hasMessageContaining("create a unique index on exactly the key columns");
    }

    /** The store as a user who owns nothing. */
    private static Db as(Store store, String role) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(Store.url());
        source.setUser(role);
        source.setCurrentSchema(((PGSimpleDataSource) store.source()).getCurrentSchema());
        return Db.of(source);
    }

    private Store withRole(String role, String... statements) throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        String schema = ((PGSimpleDataSource) store.source()).getCurrentSchema();
        store.run("CREATE TABLE item (id int PRIMARY KEY, name text)", "CREATE ROLE " + role + " LOGIN");
        store.run("GRANT USAGE ON SCHEMA " + schema + " TO " + role);
        store.run(statements);
        return store;
    }

    @Test
    void saysWhichRightIsMissing() throws Exception {
        Store store = withRole("reader", "GRANT SELECT ON item TO reader");
        assertThatThrownBy(() -> write(as(store, "reader").table("item").upsert("id"), ITEM))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("permission denied for table item (42501)")
                .hasMessageContaining("grant this user the right to read and write the table");
    }

    @Test
    void saysThatAPolicyForbidsARow() throws Exception {
        Store store = withRole(
                "tenant",
                "GRANT ALL ON item TO tenant",
                "ALTER TABLE item ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY own ON item USING (id < 10) WITH CHECK (id < 10)");
        Db tenant = as(store, "tenant");
        assertThatThrownBy(() -> write(tenant.table("item").upsert("id"), ITEM, new Item(11, "b")))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("row-level security policy for table \"item\"")
                .hasMessageContaining("a role with BYPASSRLS");
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("0");
        store.run("INSERT INTO item VALUES (1, 'x'), (11, 'hidden')");
        Batch<Object> batch = Batch.of(List.of(ITEM, new Item(11, "b")));
        tenant.table("item").update("id").write(batch);
        assertThat(batch.outcome(0)).isEqualTo(Batch.Outcome.UPDATED);
        assertThat(batch.reason(1)).as("hidden by the policy").contains("no row of the table item has the key id = 11");
    }

    @Test
    void stopsAtADatabaseThatHasBecomeReadOnlyAndGoesOnWhenItIsNot() throws Exception {
        Store admin = Store.of(Store.Kind.POSTGRES, folder);
        admin.run("CREATE DATABASE readonly");
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://localhost:" + Store.port() + "/readonly?user=postgres");
        Store store = new Store(Store.Kind.POSTGRES, source, folder);
        Db db = Db.of(source);
        Source<Item> pages = from -> {
            int page = from.orElse(1);
            if (page == 3) {
                admin.run("ALTER DATABASE readonly SET default_transaction_read_only = on");
            }
            List<Item> items = List.of(new Item(page, "n" + page));
            return page == 5 ? Page.last(items) : Page.of(items, page + 1);
        };
        Backfill job = Backfill.named("items")
                .from(pages)
                .into(db.table("item").createIfMissing(Item.class, "id").upsert("id"))
                .batch(1)
                .patience(Duration.ZERO)
                .checkpoint(db.checkpoint());
        assertThatThrownBy(job::run)
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("(25006)")
                .hasMessageContaining("read-only when its disk is full");
        assertThat(store.rows("SELECT count(*) FROM item").get(0)).isIn("1", "2"); // the third page was read ahead
        admin.run("ALTER DATABASE readonly RESET default_transaction_read_only");
        store.run("UPDATE backfill_job SET lease_until = 1"); // which could not be given back
        Backfill after = Backfill.named("items")
                .from((Source<Item>) from -> {
                    int page = from.orElse(1);
                    List<Item> items = List.of(new Item(page, "n" + page));
                    return page == 5 ? Page.last(items) : Page.of(items, page + 1);
                })
                .into(db.table("item").upsert("id"))
                .batch(1)
                .checkpoint(db.checkpoint());
        assertThat(after.run().counts().inserted()).isEqualTo(5);
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("5");
    }

    @Test
    void buriesTheOneRecordOfFiveHundredWithAValueOfTheWrongType() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run("CREATE TABLE t (id int PRIMARY KEY, amount numeric, at timestamptz)");
        Db db = store.db();
        List<Map<String, Object>> records = IntStream.range(0, 500)
                .mapToObj(
                        i -> Map.<String, Object>of("id", i, "amount", i == 250 ? "a lot" : "1.5", "at", "2024-01-01"))
                .toList();
        Backfill job = Backfill.named("amounts")
                .from((Source<Map<String, Object>>) from -> Page.last(records))
                .into(db.table("t").upsert("id"))
                .checkpoint(db.checkpoint());
        Report report = job.run();
        assertThat(report.counts().inserted()).isEqualTo(499);
        List<DeadLetter> letters = job.deadLetters();
        assertThat(letters).extracting(DeadLetter::key).containsExactly("250");
        assertThat(letters.get(0).reason()).contains("invalid input syntax for type numeric: \"a lot\" (22P02)");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void keepsEveryDigit(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        String numeric = store.postgres() ? "numeric" : "text";
        store.run("CREATE TABLE t (id bigint PRIMARY KEY, whole " + numeric + ", exact " + numeric + ")");
        long odd = (1L << 53) + 1;
        BigInteger whole = BigInteger.TWO.pow(80).add(BigInteger.ONE);
        BigDecimal exact = new BigDecimal("9007199254740993.0000000000000001");
        Table table = store.db().table("t");
        Map<String, Object> record = Map.of("id", odd, "whole", whole, "exact", exact);
        write(table.upsert("id"), record);
        write(table.update("id"), record);
        assertThat(store.rows("SELECT id, whole, exact FROM t"))
                .containsExactly(odd + "|" + whole + "|" + exact.toPlainString());
        assertThat(table.rows(Id.class).read(Cursor.START).items()).containsExactly(new Id(odd));
    }

    record Id(long id) {}

    /** A server says so of a statement that takes too long, too much memory, or too much of something else. */
    @ParameterizedTest
    @ValueSource(strings = {"57014", "53200", "54000"})
    void writesLessAtOnceWhenAStatementIsTooMuch(String state) throws Exception {
        Store store = heavy(state);
        Batch<Object> batch = items(0, 500);
        store.db().table("item").upsert("id").write(batch);
        assertThat(IntStream.range(0, 500).mapToObj(batch::outcome)).containsOnly(Batch.Outcome.WRITTEN);
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("500");
    }

    @ParameterizedTest
    @ValueSource(strings = {"57014", "53200"})
    void remembersHowMuchAStatementMayBe(String state) throws Exception {
        Store store = heavy(state);
        TableSink sink = store.db().table("item").upsert("id");
        sink.write(items(0, 500)); // 500, 250 and 125 are too many, and 62 are not
        assertThat(store.rows("SELECT last_value FROM refused")).containsExactly("3");
        sink.write(items(500, 1_000));
        assertThat(store.rows("SELECT last_value FROM refused")).containsExactly("3");
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("1000");
    }

    /** A table that takes a hundred rows at once. A sequence counts refusals, for what it has counted is not undone with them. */
    private Store heavy(String state) throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE item (id int PRIMARY KEY, name text)",
                "CREATE SEQUENCE refused",
                "CREATE FUNCTION heavy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF (SELECT count(*) FROM new_rows) > 100 THEN PERFORM nextval('refused');"
                        + " RAISE 'too much' USING ERRCODE = '" + state + "'; END IF; RETURN NULL; END $$",
                "CREATE TRIGGER heavy AFTER INSERT ON item REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"
                        + " EXECUTE FUNCTION heavy()");
        return store;
    }

    private static Batch<Object> items(int from, int to) {
        return Batch.of(
                IntStream.range(from, to).mapToObj(i -> new Item(i, "n")).toList());
    }

    /** The mapping, or a sink before, has taken all of them out. */
    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void passesABatchOfWhichNothingIsLeftWithItsLetters(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE item (id int PRIMARY KEY, name text)");
        Source<Integer> source = from -> from.isStart() ? Page.of(List.of(1, 2), 1) : Page.last(List.of(3));
        Report report = Backfill.named("j")
                .from(source)
                .into(store.db().table("item").upsert("id").mapping((Integer id) -> {
                    if (id < 3) {
                        throw new IllegalStateException("no name for " + id);
                    }
                    return new Item(id, "n");
                }))
                .batch(2)
                .checkpoint(store.db().checkpoint())
                .run();
        assertThat(report.status()).isEqualTo(Report.Status.COMPLETE);
        assertThat(report.deadLetters()).isEqualTo(2);
        assertThat(store.rows("SELECT id FROM item")).containsExactly("3");
    }

    @Test
    void buriesARecordThatATriggerRaises() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE item (id int PRIMARY KEY, name text)",
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " IF new.id = 3 THEN RAISE 'no threes'; END IF; RETURN new; END $$",
                "CREATE TRIGGER refuse BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION refuse()");
        Batch<Object> batch =
                Batch.of(IntStream.range(0, 9).mapToObj(i -> new Item(i, "n")).toList());
        store.db().table("item").upsert("id").write(batch);
        assertThat(batch.reason(3)).contains("no threes").contains("P0001");
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("8");
    }

    /** The server answers such a COMMIT with ROLLBACK, and the driver says nothing of it. */
    @Test
    void neverTakesACommitForDoneAfterAFailureThatSomebodySwallowed() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run("CREATE TABLE item (id int PRIMARY KEY)");
        assertThatThrownBy(() -> store.db().transaction("testing", tx -> {
                    tx.run("INSERT INTO item VALUES (1)");
                    try (Statement statement = tx.connection().createStatement()) {
                        statement.execute("INSERT INTO item VALUES (1)");
                    } catch (SQLException e) {
                        // swallowed
                    }
                    return true;
                }))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("25P02");
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("0");
    }

    @Test
    void doesNotFallBackToAConnectionWithoutEncryption() {
        Db db = Db.connect(Store.url() + "?sslmode=require", "postgres", Secret.of("DB_PASSWORD", "x"));
        assertThatThrownBy(() -> db.table("item").count())
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("does not support SSL")
                .hasMessageContaining("check host, sslmode and sslrootcert");
    }
}
