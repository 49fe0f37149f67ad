package dev.backfill.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever is measured does the work, so that what is measured stays comparable. */
class ContendersTest {

    @TempDir
    static Path folder = Path.of("");

    private static Postgres postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = Postgres.start(folder.resolve("postgres"));
    }

    @AfterAll
    static void end() throws Exception {
        postgres.close();
    }

    static Stream<Workload> workloads() {
        return Stream.of(
                new BlazeWorkload(600, 0, 0),
                new InventoryWorkload(5_000),
                new CopyWorkload(12_000),
                new EmptyWorkload("memory", 20_000),
                new EmptyWorkload("file", 20_000),
                new EmptyWorkload("postgres", 20_000));
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void allDoTheSame(Workload given) throws Exception {
        try (Workload workload = given) {
            workload.prepare(postgres);
            for (Map.Entry<String, Contender> contender :
                    Contenders.of(workload.kind()).entrySet()) {
                workload.reset(postgres);
                if (workload.begun().isPresent()) {
                    assertThat(postgres.ask(workload.begun().get())).isEmpty();
                    assertThat(workload.wrong(postgres)).isPresent();
                }
                Path own = Files.createTempDirectory(folder, contender.getKey());
                String vendor = workload.standIn().map(StandIn::url).orElse("");
                contender.getValue().run(new Work(postgres.port(), vendor, 2, false, workload.size(), own));
                assertThat(workload.wrong(postgres)).as(contender.getKey()).isEmpty();
                if (workload.begun().isPresent()) {
                    assertThat(postgres.ask(workload.begun().get())).isEqualTo("1");
                }
            }
        }
    }
}
