package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.internal.Records;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** Plain records and maps are written and read without Jackson, and the table and the records are those that there would be with it. */
class PlainRecordsTest {

    record Plain(
            long id,
            @Nullable String text,
            boolean flag,
            @Nullable Boolean perhaps,
            byte tiny,
            short small,
            int middle,
            @Nullable Long large,
            float single,
            double twice,
            @Nullable BigDecimal decimal,
            @Nullable BigInteger whole,
            @Nullable Instant time) {}

    /** The same, and Jackson's own affair. */
    @JsonDeserialize
    record Told(
            long id,
            @Nullable String text,
            boolean flag,
            @Nullable Boolean perhaps,
            byte tiny,
            short small,
            int middle,
            @Nullable Long large,
            float single,
            double twice,
            @Nullable BigDecimal decimal,
            @Nullable BigInteger whole,
            @Nullable Instant time) {

        static Told of(Plain plain) {
            return new Told(
                    plain.id,
                    plain.text,
                    plain.flag,
                    plain.perhaps,
                    plain.tiny,
                    plain.small,
                    plain.middle,
                    plain.large,
                    plain.single,
                    plain.twice,
                    plain.decimal,
                    plain.whole,
                    plain.time);
        }
    }

    @TempDir
    Path folder;

    private static List<Plain> records() {
        List<Plain> records = new ArrayList<>();
        records.add(new Plain(
                0,
                null,
                false,
                null,
                (byte) -1,
                Short.MIN_VALUE,
                Integer.MIN_VALUE,
                null,
                0.1f,
                -0.0,
                null,
                null,
                null));
        List<String> texts = List.of(
                "",
                " ",
                "NULL",
                "null",
                "{}",
                "{\"a\",b}",
                "a,b",
                "\"",
                "\\",
                "\\\"\\N",
                "it's",
                "line\nline\ttab",
                "é漢😀");
        for (String text : texts) {
            int i = records.size();
            records.add(new Plain(
                    i,
                    text,
                    i % 2 == 0,
                    i % 3 == 0,
                    Byte.MAX_VALUE,
                    (short) i,
                    -i,
                    Long.MAX_VALUE - i,
                    i / 3f,
                    i * 1e-7,
                    new BigDecimal("-12345.67800").movePointRight(i),
                    BigInteger.TEN.pow(i),
                    Instant.ofEpochSecond(1_700_000_000L + i, 123_456_789)));
        }
        return records;
    }

    private static Map<String, @Nullable Object> map(Plain plain) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("id", plain.id);
        map.put("text", plain.text);
        map.put("flag", plain.flag);
        map.put("perhaps", plain.perhaps);
        map.put("tiny", plain.tiny);
        map.put("small", plain.small);
        map.put("middle", plain.middle);
        map.put("large", plain.large);
        map.put("single", plain.single);
        map.put("twice", plain.twice);
        map.put("decimal", plain.decimal);
        map.put("whole", plain.whole);
        map.put("time", plain.time);
        return map;
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void writesWhatJacksonWouldWrite(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        assertThat(new Records().of(Plain.class).plain()).isPresent();
        assertThat(new Records().of(Told.class).plain()).isEmpty();
        List<Plain> plain = records();
        write(store, "plain", plain);
        write(store, "told", plain.stream().map(Told::of).toList());
        write(store, "maps", plain.stream().map(PlainRecordsTest::map).toList());
        List<Map<String, @Nullable Object>> nested =
                new ArrayList<>(plain.stream().map(PlainRecordsTest::map).toList());
        nested.forEach(map -> map.put("nested", List.of(map.get("id"))));
        store.db().table("nested").createIfMissing(Plain.class, "id");
        store.run("ALTER TABLE nested ADD COLUMN nested text");
        store.db().table("nested").upsert("id").write(Batch.of(List.<Object>copyOf(nested)));

        List<String> told = store.rows("SELECT * FROM told ORDER BY id");
        assertThat(told).hasSize(plain.size());
        assertThat(store.rows("SELECT * FROM plain ORDER BY id")).isEqualTo(told);
        assertThat(store.rows("SELECT * FROM maps ORDER BY id")).isEqualTo(told);
        assertThat(store.rows("SELECT * FROM nested ORDER BY id").stream()
                        .map(row -> row.substring(0, row.lastIndexOf('|')))
                        .toList())
                .isEqualTo(told);
    }

    private static void write(Store store, String table, List<?> records) {
        TableSink sink =
                store.db().table(table).createIfMissing(Plain.class, "id").upsert("id");
        Batch<Object> batch = Batch.of(List.copyOf(records));
        sink.write(batch);
        for (int i = 0; i < batch.size(); i++) {
            assertThat(batch.outcome(i)).as(batch.reason(i)).isEqualTo(Batch.Outcome.WRITTEN);
        }
    }

    /** A text that was stored as it is, a number with its scale, a time to the microsecond. */
    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void readsWhatJacksonWouldRead(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        write(store, "plain", records());
        Table table = store.db().table("plain");
        List<Plain> read = table.rows(Plain.class).read(Cursor.START).items();
        assertThat(read).hasSameSizeAs(records());
        assertThat(read.stream().map(Told::of).toList())
                .isEqualTo(table.rows(Told.class).read(Cursor.START).items());
        assertThat(read)
                .extracting(Plain::text)
                .isEqualTo(records().stream().map(Plain::text).toList());
    }

    record Number(long id, @Nullable BigDecimal number) {}

    record Flag(long id, boolean flag) {}

    record Choosy(long id, String text) {
        Choosy {
            if (text.length() > 3) {
                throw new IllegalArgumentException("four letters are too many");
            }
        }
    }

    @Test
    void saysWhichRowCannotBeRead() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE odd (id bigint PRIMARY KEY, number numeric, flag boolean, text text)",
                "INSERT INTO odd VALUES (1, 1.50, true, 'abc'), (2, 'NaN', NULL, 'abcd')");
        Table odd = store.db().table("odd");
        for (Class<?> type : List.of(Number.class, Flag.class, Choosy.class)) {
            assertThatThrownBy(() -> odd.rows(type).read(Cursor.START))
                    .as(type.getSimpleName())
                    .hasMessageContaining("the row [2] of the table")
                    .hasMessageContaining(type.getName());
        }
        store.run("DELETE FROM odd WHERE id = 2");
        assertThat(odd.rows(Number.class).read(Cursor.START).items())
                .isEqualTo(Collections.singletonList(new Number(1, new BigDecimal("1.50"))));
    }

    record Deep(long id, String text) {
        @Override
        public String text() {
            if (text.equals("deep")) {
                throw new StackOverflowError();
            }
            if (text.equals("secret")) {
                throw new UnsupportedOperationException("not told");
            }
            return text;
        }
    }

    @JsonSerialize(contentUsing = ToStringSerializer.class)
    private static final class Texts extends LinkedHashMap<String, Object> {
        private static final long serialVersionUID = 1;
    }

    private static final class Failing extends LinkedHashMap<String, Object> {
        private static final long serialVersionUID = 1;

        Failing() {
            put("id", 4L);
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            throw new IllegalStateException("this map has no entries");
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void refusesARecordThatDoesNotTellItsValuesAndWritesTheOthers(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        TableSink sink =
                store.db().table("deep").createIfMissing(Deep.class, "id").upsert("id");
        Texts texts = new Texts();
        texts.put("id", 5L);
        texts.put("text", 17L);
        Batch<Object> batch = Batch.of(List.of(
                new Deep(1, "one"),
                new Deep(2, "deep"),
                new Deep(3, "secret"),
                new Failing(),
                texts,
                Map.of("id", 6L)));
        sink.write(batch);
        assertThat(store.rows("SELECT id, text FROM deep ORDER BY id")).containsExactly("1|one", "5|17", "6|null");
        assertThat(batch.reason(1)).contains("nested too deeply");
        assertThat(batch.reason(2)).contains("not told");
        assertThat(batch.reason(3)).contains("this map has no entries");
    }

    @Test
    void keepsNullsWhereTheDatabaseReadsThemAsTexts() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        PGSimpleDataSource old = new PGSimpleDataSource();
        old.setUrl(Store.url() + "?user=postgres");
        old.setCurrentSchema(((PGSimpleDataSource) store.source()).getCurrentSchema());
        old.setOptions("-c array_nulls=off");
        write(new Store(Store.Kind.POSTGRES, old, store.file()), "plain", records());
        assertThat(store.rows("SELECT id FROM plain WHERE text IS NULL")).containsExactly("0");
        assertThat(store.rows("SELECT id FROM plain WHERE text = 'NULL'")).hasSize(1);
    }

    @Test
    void aKeyIsTheRecordsOwn() {
        TableSink sink = Db.sqlite(folder.resolve("none.db")).table("deep").upsert("id");
        assertThatThrownBy(() -> sink.onInsert("id", 7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rows are found by id");
    }
}
