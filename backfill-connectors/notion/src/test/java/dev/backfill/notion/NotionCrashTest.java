package dev.backfill.notion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.simulators.NotionQuirk;
import dev.backfill.simulators.NotionSimulator;
import dev.backfill.testkit.CrashSweep;
import dev.backfill.testkit.World;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A job that reads all pages and then edits most of them ends in the same way wherever it dies. */
class NotionCrashTest {

    private static final int PAGES = 24;
    private static final int TOGETHER = 5;

    /** What a sweep leaves open is closed by the next scenario. */
    private @Nullable Workspace open;

    private final class Flags implements CrashSweep.Scenario {

        private final Map<String, Company> read = new ConcurrentSkipListMap<>();
        private @Nullable Workspace workspace;

        private Workspace workspace() throws Exception {
            if (workspace == null) {
                if (open != null) {
                    open.close();
                }
                workspace = Ports.bound(
                        Ports.REAL,
                        () -> new Workspace(NotionSimulator.with()
                                .pages(PAGES)
                                .cap(7)
                                .cursorsLast(3)
                                .and(NotionQuirk.SHORT_PAGES)
                                .conflicts(10)
                                .lostWrites(10)));
                open = workspace;
            }
            return workspace;
        }

        @Override
        public Backfill job(World world) {
            Notion notion;
            try {
                NotionSimulator simulator = workspace().simulator;
                notion = Notion.connect(simulator.token(), simulator.database())
                        .at(simulator.url().toString());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            Sink<Company> index = batch -> batch.forEach(page -> read.put(page.id(), page));
            Source<Company> pages = from -> {
                List<Company> all = List.copyOf(read.values());
                int start = from.orElse(0);
                int end = Math.min(all.size(), start + TOGETHER);
                return end == all.size() ? Page.last(all.subList(start, end)) : Page.of(all.subList(start, end), end);
            };
            return Backfill.named("flags")
                    .phase("fetch")
                    .from(world.source(notion.pages(Company.class)))
                    .into(world.sink(index))
                    .phase("flag")
                    .from(world.source(pages))
                    .filter(page -> page.flag() == null)
                    .into(world.<NotionPage>sink(notion.set("Flag", "Keep").unlessEdited()))
                    .checkpoint(FileCheckpoint.in(Path.of("progress")));
        }

        @Override
        public Object end(World world) throws Exception {
            Map<String, Object> end = new TreeMap<>();
            workspace()
                    .truth()
                    .forEach((id, page) -> end.put(
                            id,
                            List.of(
                                    page.path("properties")
                                            .path("Flag")
                                            .path("name")
                                            .asString(),
                                    page.path("writes").asInt(),
                                    read.containsKey(id))));
            return end;
        }

        @Override
        public long mayRepeat() {
            return PAGES; // all that was read is one batch
        }

        @Override
        public long mayReadAgain() {
            return PAGES + 10;
        }
    }

    @Test
    void everyPageIsReadAndEditedOnceWhereverTheProcessDies() throws Exception {
        int every = Integer.getInteger("backfill.every", 1);
        CrashSweep.Result result = CrashSweep.of(Flags::new).every(4 * every).run();
        assertThat(result.faults()).isGreaterThan(100 / every);
        if (open != null) {
            open.close();
        }
    }
}
