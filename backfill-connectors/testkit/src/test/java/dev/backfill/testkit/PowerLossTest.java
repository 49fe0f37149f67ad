package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Event;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a loss of power may cost, and what it may not. */
class PowerLossTest {

    private final Set<String> done = new HashSet<>();
    private final List<String> read = new ArrayList<>();

    private Optional<Report> process(World world) throws Exception {
        Partitioned<Integer> source =
                Partitioned.of(List.of("a", "b", "c"), name -> name, name -> (Source<Integer>) from -> {
                    read.add(name);
                    int at = from.orElse(0);
                    return at == 2 ? Page.last(List.of(at)) : Page.of(List.of(at), at + 1);
                });
        return world.run(() -> Backfill.named("job")
                .from(world.partitioned(source))
                .into(world.<Integer>sink(batch -> {}))
                .batch(1)
                .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                .listen(event -> {
                    if (event instanceof Event.PartitionDone partition) {
                        done.add(partition.partition());
                    }
                })
                .run());
    }

    /** Losses at every operation: the end of a partition survives them, once it was told. */
    @Test
    void aPartitionThatIsDoneIsNotReadAgain() throws Exception {
        int losses = 0;
        while (lost(losses + 1)) {
            losses++;
        }
        assertThat(losses).isGreaterThan(20);
    }

    /** False if there are not so many operations. */
    private boolean lost(int operation) throws Exception {
        done.clear();
        World world = new World(operation);
        world.faultAt(operation, World.Fault.POWER_LOSS);
        if (process(world).isPresent()) {
            return false;
        }
        List<String> before = List.copyOf(done);
        read.clear();
        assertThat(process(world).orElseThrow().complete()).isTrue();
        assertThat(read)
                .as("read again after a loss of power at operation %s", operation)
                .doesNotContainAnyElementsOf(before.isEmpty() ? List.of("none") : before);
        return true;
    }
}
