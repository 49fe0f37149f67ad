package dev.backfill.supabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Rows;
import dev.backfill.jdbc.Table;
import dev.backfill.jdbc.TableSink;
import dev.backfill.supabase.servers.Keys;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Both roads have the same words, so that another road is another first line. */
class VocabularyTest {

    private static final Supabase DB = Supabase.rest("https://abc.supabase.co", Keys.SECRET);

    private static List<String> words(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
                .map(VocabularyTest::word)
                .distinct()
                .sorted()
                .toList();
    }

    private static String word(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .toList();
    }

    @Test
    void whateverTheRestRoadSaysTheDatabaseRoadSaysToo() {
        Map<Class<?>, Class<?>> pairs =
                Map.of(Supabase.class, Db.class, RestTable.class, Table.class, RestRows.class, Rows.class);
        pairs.forEach((rest, database) -> {
            // whose calls go to a server that counts them
            Stream<String> more = rest == Supabase.class ? Stream.of("limitedBy[RateLimiter]") : Stream.of();
            assertThat(words(rest))
                    .isSubsetOf(Stream.concat(words(database).stream(), more).toList());
            assertThat(words(database)).as("the other way round").isSubsetOf(words(rest));
        });
    }

    /** Else a change of the road would ask for another catch. */
    @Test
    void noWordThrowsMoreThanThatOfTheOtherRoad() throws Exception {
        for (Method rest : RestTable.class.getDeclaredMethods()) {
            if (Modifier.isPublic(rest.getModifiers())) {
                assertThat(List.of(rest.getExceptionTypes()))
                        .as(word(rest))
                        .isSubsetOf(List.of(Table.class
                                .getMethod(rest.getName(), rest.getParameterTypes())
                                .getExceptionTypes()));
            }
        }
    }

    @Test
    void sinksHaveTheSameWordsToo() {
        assertThat(words(RestSink.class)).isSubsetOf(words(TableSink.class));
    }

    @Test
    void whatOnlyTheOtherRoadCanDoSaysSo() {
        RestTable table = DB.table("items");
        for (Runnable word : List.<Runnable>of(
                DB::checkpoint,
                () -> DB.index("pages", String.class, page -> page, page -> page),
                () -> table.createIfMissing(Map.class, "id"),
                () -> table.find(Map.class, List.of("1")),
                () -> table.absent(List.of("1"), id -> id),
                () -> table.upsert("id").newestBy("at"),
                () -> table.upsert("id").onInsert("done", false),
                () -> table.upsert("id").fillNulls(),
                () -> table.rows().by("at").lag(Duration.ofMinutes(5)),
                () -> table.rows().by("at").following())) {
            assertThatThrownBy(word::run)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("Supabase.database(connection, password)");
        }
    }

    @Test
    void mistakesAreToldBeforeAnyCall() {
        RestTable table = DB.table("items");
        assertThatThrownBy(table::upsert).hasMessageContaining("name the columns");
        assertThatThrownBy(() -> table.upsert("a", "a")).hasMessageContaining("twice");
        assertThatThrownBy(() -> table.rows().by()).hasMessageContaining("name the columns");
        assertThatThrownBy(() -> table.rows().columns()).hasMessageContaining("name the columns");
        assertThatThrownBy(() -> table.rows(String.class).columns("a")).hasMessageContaining("components");
        assertThatThrownBy(() -> table.rows().pagesOf(0)).hasMessageContaining("1 to 100000");
        assertThatThrownBy(() -> table.rows().ranges(0)).hasMessageContaining("1 to 10000");
        assertThatThrownBy(() -> table.keyRanges(0)).hasMessageContaining("1 row");
        assertThatThrownBy(() -> table.set("a", "half \ud800")).hasMessageContaining("surrogate");
        assertThatThrownBy(() -> DB.table("..")).hasMessageContaining("no name");
    }

    @Test
    void partsSayWhatTheyAre() {
        RestTable table = DB.table("other", "items");
        assertThat(table.upsert("a", "b").definition()).isEqualTo("table other.items upserts by a, b");
        assertThat(table.insertIfAbsent("a").definition()).isEqualTo("table other.items inserts what is absent by a");
        assertThat(table.update("a").definition()).isEqualTo("table other.items updates by a");
        assertThat(table.rows().where("a", 1).whereNull("b").by("c").definition())
                .isEqualTo("table other.items rows by c\nwhere a = 1\nwhere b is null");
        assertThat(table.fill("a", 0).definition()).isEqualTo("table other.items fills a with 0");
        assertThat(table.set("a", null).definition()).isEqualTo("table other.items sets a to null");
        assertThat(table.upsert("a", "b").key(Map.of("a", 1, "b", "x", "c", 2))).isEqualTo("1,x");
        assertThat(table.upsert("a", "b").key(Map.of("a", 1))).isEmpty();
        assertThat(table.upsert("a").orderFree()).isFalse();
        assertThat(table.insertIfAbsent("a").orderFree()).isTrue();
    }
}
