package dev.backfill.typesense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Batch;
import dev.backfill.simulators.TypesenseQuirk;
import dev.backfill.simulators.TypesenseSimulator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A field is made once, however often and by whomever it is asked for. */
class SchemaTest {

    @ParameterizedTest
    @ValueSource(strings = {"27.1", "28.0", "30.2"})
    void makesAFieldAndIsContentWhenItIsThere(String version) throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(100).onlyHere(0).version(version))) {
            server.bound(() -> server.documents().ensure("created_at", "int64").ensure("created_at", "int64"));
            assertThat(server.calls("PATCH").stream().filter(call -> call.contains(" 200 ")))
                    .hasSize(1);
            Batch<Object> batch = Batch.of(List.of(Map.of("id", "1", "created_at", "never")));
            server.bound(() -> {
                server.documents().update().write(batch);
                return true;
            });
            assertThat(batch.reason(0)).as("the field has its type").contains("must be an int64");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"27.1", "30.2"})
    void waitsForAChangeThatIsUnderWay(String version) throws Exception {
        try (Server server = new Server(TypesenseSimulator.with()
                        .products(1_000)
                        .onlyHere(0)
                        .version(version)
                        .schemaChangeTakes(Duration.ofSeconds(2)));
                AutoCloseableExecutor others = new AutoCloseableExecutor()) {
            Future<?> one = others.threads.submit(
                    () -> server.bound(() -> server.documents().ensure("created_at", "int64")));
            Future<?> other = others.threads.submit(
                    () -> server.bound(() -> server.documents().ensure("deleted_at", "int64")));
            one.get();
            other.get();
            server.bound(() -> server.documents().ensure("created_at", "int64").ensure("deleted_at", "int64"));
            assertThat(server.calls("PATCH").stream().filter(call -> call.contains(" 200 ")))
                    .hasSize(2);
        }
    }

    private record AutoCloseableExecutor(ExecutorService threads) implements AutoCloseable {
        AutoCloseableExecutor() {
            this(Executors.newFixedThreadPool(2));
        }

        @Override
        public void close() {
            threads.shutdownNow();
        }
    }

    @Test
    void explainsAConflict() throws Exception {
        try (Server server = new Server(TypesenseSimulator.with().products(10).onlyHere(0))) {
            server.bound(() -> server.documents().ensure("created_at", "string"));
            assertThatThrownBy(() -> server.bound(() -> server.documents().ensure("created_at", "int64")))
                    .hasMessageContaining("is string and not int64");
            server.simulator.patch("1", Map.of("deleted_at", "yesterday"));
            assertThatThrownBy(() -> server.bound(() -> server.documents().ensure("deleted_at", "int64")))
                    .hasMessageContaining("values that are no int64");
        }
    }

    @Test
    void doesNotMindALostAnswer() throws Exception {
        try (Server server = new Server(TypesenseSimulator.with()
                .products(10)
                .onlyHere(0)
                .faults(40)
                .seed(5)
                .and(TypesenseQuirk.SCHEMA_CHANGES_UNKNOWN))) {
            server.bound(() -> server.documents().ensure("created_at", "int64").ensure("deleted_at", "int64"));
            Batch<Object> batch = Batch.of(List.of(
                    Map.of("id", "1", "created_at", "never", "deleted_at", 0L),
                    Map.of("id", "2", "created_at", 0L, "deleted_at", "never")));
            server.patiently(() -> {
                server.documents().update().write(batch);
                return true;
            });
            assertThat(batch.reason(0)).contains("`created_at` must be an int64");
            assertThat(batch.reason(1)).contains("`deleted_at` must be an int64");
        }
    }
}
