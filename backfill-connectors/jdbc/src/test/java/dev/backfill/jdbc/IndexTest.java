package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one phase gathers, the next ones can ask. */
class IndexTest {

    record Doc(String id, @Nullable String title) {}

    private static final List<Doc> DOCS = List.of(
            new Doc("1", "One"),
            new Doc("2", "two"),
            new Doc("3", "ONE"),
            new Doc("4", null),
            new Doc("5", null),
            new Doc("6", "t\u0000wo" + "o".repeat(5_000)),
            new Doc("7", "t\u0000wo" + "o".repeat(5_000)),
            new Doc("8", "three"));

    @TempDir
    Path folder;

    private static Index<Doc> index(Db db) {
        return db.index("docs \"of\" mine", Doc.class, Doc::id, doc -> {
            String title = doc.title();
            return title == null ? null : title.toLowerCase(Locale.ROOT);
        });
    }

    /** One record a page, each page twice. */
    private static Source<Doc> source(List<Doc> docs) {
        return from -> {
            int place = from.orElse(0);
            List<Doc> page = List.of(docs.get(place / 2));
            return place + 1 == docs.size() * 2 ? Page.last(page) : Page.of(page, place + 1);
        };
    }

    private static List<String> ids(Source<Doc> source, Db db) throws Exception {
        List<String> ids = new ArrayList<>();
        Backfill job = Backfill.named("ask")
                .from(source)
                .into(batch -> batch.forEach(doc -> ids.add(doc.id())))
                .checkpoint(db.checkpoint());
        job.startOver();
        job.run();
        return ids;
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void tellsWhatStandsAloneAndWhatDoesNotHoweverOftenItCame(Store.Kind kind) throws Exception {
        try (Db db = Store.of(kind, folder).db()) {
            Index<Doc> index = index(db);
            Report report = Backfill.named("gather")
                    .from(source(DOCS))
                    .into(index)
                    .checkpoint(db.checkpoint())
                    .run();
            assertThat(report.counts().unchanged()).isEqualTo(DOCS.size());
            assertThat(index.count()).isEqualTo(DOCS.size());
            assertThat(index.find("3")).contains(DOCS.get(2));
            assertThat(index.find("9")).isEmpty();
            assertThat(ids(index.singles(), db)).containsExactly("2", "4", "5", "8");
            assertThat(ids(index.duplicates(), db)).containsExactly("1", "3", "6", "7");
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void readsOnBehindAFullPage(Store.Kind kind) throws Exception {
        List<Doc> many = new ArrayList<>();
        for (int i = 10_000; i < 12_500; i++) {
            many.add(new Doc("" + i, "title " + i / 2));
        }
        try (Db db = Store.of(kind, folder).db()) {
            Index<Doc> index = index(db);
            Backfill.named("gather")
                    .from(from -> Page.last(many))
                    .into(index)
                    .checkpoint(db.checkpoint())
                    .run();
            assertThat(ids(index.singles(), db)).isEmpty();
            assertThat(ids(index.duplicates(), db))
                    .isEqualTo(many.stream().map(Doc::id).toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aNewPassForgetsWhatIsGoneAndAPassThatGoesOnForgetsNothing(Store.Kind kind) throws Exception {
        try (Db db = Store.of(kind, folder).db()) {
            Index<Doc> index = index(db);
            AtomicBoolean fails = new AtomicBoolean(true);
            List<Doc> docs = new ArrayList<>(DOCS);
            Backfill job = Backfill.named("gather")
                    .from(from -> {
                        int place = from.orElse(0);
                        if (place == 4 && fails.get()) {
                            throw new IllegalStateException("down");
                        }
                        List<Doc> page = List.of(docs.get(place));
                        return place + 1 == docs.size() ? Page.last(page) : Page.of(page, place + 1);
                    })
                    .into(index)
                    .checkpoint(FileCheckpoint.in(folder.resolve("progress")));
            try {
                job.run();
            } catch (BackfillException e) {
                fails.set(false);
            }
            assertThat(index.count()).isEqualTo(4);
            job.run();
            assertThat(index.count()).isEqualTo(DOCS.size());

            docs.remove(0);
            job.again();
            assertThat(index.find("1")).isEmpty();
            assertThat(ids(index.singles(), db)).contains("3");
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aDryRunGathersInATableOfItsOwnAndItsNextPhaseReadsThere(Store.Kind kind) throws Exception {
        try (Db db = Store.of(kind, folder).db()) {
            Index<Doc> index = index(db);
            index.write(Batch.of(DOCS));
            List<String> seen = new ArrayList<>();
            Backfill.named("both")
                    .phase("gather")
                    .from(source(DOCS.subList(0, 3)))
                    .into(index)
                    .phase("ask")
                    .from(index.duplicates())
                    .filter(doc -> seen.add(doc.id()))
                    .into(batch -> {
                        throw new IllegalStateException("a dry run writes nothing");
                    })
                    .checkpoint(db.checkpoint())
                    .dryRun();
            assertThat(seen).containsExactly("1", "3");
            assertThat(index.count()).isEqualTo(DOCS.size());
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aRecordWithoutAKeyIsADeadLetterAndTheOthersAreKept(Store.Kind kind) throws Exception {
        try (Db db = Store.of(kind, folder).db()) {
            Index<Doc> index = index(db);
            Report report = Backfill.named("gather")
                    .from(from -> Page.last(List.of(new Doc("", "a"), new Doc("b", "b"), new Doc("c\u0000", "c"))))
                    .into(index)
                    .checkpoint(db.checkpoint())
                    .run();
            assertThat(report.deadLetters()).isEqualTo(2);
            assertThat(index.count()).isEqualTo(1);
        }
    }
}
