package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Each check of the contracts of checkpoints and dead letters catches something. */
class WrongCheckpointsTest {

    /** A claim as it should be, of which each mistake changes one thing. */
    private static class Right implements Claim {
        final Claim claim;

        Right(Claim claim) {
            this.claim = claim;
        }

        @Override
        public long run() {
            return claim.run();
        }

        @Override
        public Optional<String> definition() {
            return claim.definition();
        }

        @Override
        public List<Bookmark> load() throws Exception {
            return claim.load();
        }

        @Override
        public void begin(String definition, List<Bookmark> bookmarks) throws Exception {
            claim.begin(definition, bookmarks);
        }

        @Override
        public void redefine(String definition) throws Exception {
            claim.redefine(definition);
        }

        @Override
        public void save(Save save) throws Exception {
            claim.save(save);
        }

        @Override
        public List<DeadLetter> deadLetters() throws Exception {
            return claim.deadLetters();
        }

        @Override
        public void forget(List<DeadLetter> letters) throws Exception {
            claim.forget(letters);
        }

        @Override
        public void close() {
            claim.close();
        }
    }

    private static final class Checked extends CheckpointContract {
        private final Checkpoint place;

        Checked(UnaryOperator<Checkpoint> mistake) {
            place = mistake.apply(new MemoryCheckpoint());
        }

        @Override
        protected Checkpoint open() {
            return place;
        }
    }

    private static Supplier<Checked> of(UnaryOperator<Claim> mistake) {
        return () -> new Checked(right -> (job, wait) -> mistake.apply(right.claim(job, wait)));
    }

    private static Supplier<Checked> place(UnaryOperator<Checkpoint> mistake) {
        return () -> new Checked(mistake);
    }

    /** Bookmarks changed on their way into the store. */
    private static Supplier<Checked> bookmarks(UnaryOperator<Bookmark> mistake) {
        return of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                super.save(new Save(save.bookmarks().stream().map(mistake).toList(), save.deadLetters()));
            }
        });
    }

    /** Letters changed on their way into the store. */
    private static Supplier<Checked> letters(UnaryOperator<DeadLetter> mistake) {
        return of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                super.save(new Save(
                        save.bookmarks(),
                        save.deadLetters().stream().map(mistake).toList()));
            }
        });
    }

    private static Bookmark with(
            Bookmark it, String phase, String partition, Cursor cursor, boolean done, Counts counts) {
        return new Bookmark(it.job(), phase, partition, it.run(), cursor, done, counts);
    }

    private static Map<String, Supplier<?>> checkpoints() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put("has a definition from nowhere", of(claim -> new Right(claim) {
            @Override
            public Optional<String> definition() {
                return Optional.of(super.definition().orElse(""));
            }
        }));
        wrong.put("cuts definitions", of(claim -> new Right(claim) {
            @Override
            public Optional<String> definition() {
                return super.definition().map(it -> it.substring(0, Math.min(it.length(), 4)));
            }
        }));
        wrong.put("counts no runs", of(claim -> new Right(claim) {
            @Override
            public long run() {
                return 1;
            }
        }));
        wrong.put("loses bookmarks", of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                super.save(new Save(List.of(), save.deadLetters()));
            }
        }));
        wrong.put("never takes done back", of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                List<Bookmark> forward = new ArrayList<>(save.bookmarks());
                forward.removeIf(it -> it.cursor().isStart() || (!it.done() && knows(it)));
                super.save(new Save(forward, save.deadLetters()));
            }

            private boolean knows(Bookmark other) {
                try {
                    return load().stream()
                            .anyMatch(it -> it.done() && it.partition().equals(other.partition()));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }));
        wrong.put("keeps a hundred partitions", of(claim -> new Right(claim) {
            @Override
            public List<Bookmark> load() throws Exception {
                return super.load().stream().limit(100).toList();
            }
        }));
        wrong.put(
                "does not tell a from A",
                bookmarks(it -> with(
                        it, it.phase(), it.partition().toLowerCase(Locale.ROOT), it.cursor(), it.done(), it.counts())));
        wrong.put(
                "does not tell phases apart",
                bookmarks(it -> with(it, "main", it.partition(), it.cursor(), it.done(), it.counts())));
        wrong.put(
                "reads cursors as doubles",
                bookmarks(it -> with(
                        it,
                        it.phase(),
                        it.partition(),
                        it.cursor().json().matches("-?[0-9.]+")
                                ? Cursor.of(Double.parseDouble(it.cursor().json()))
                                : it.cursor(),
                        it.done(),
                        it.counts())));
        wrong.put(
                "cuts cursors",
                bookmarks(it -> with(
                        it,
                        it.phase(),
                        it.partition(),
                        it.cursor().json().length() > 65_535 ? Cursor.of("cut") : it.cursor(),
                        it.done(),
                        it.counts())));
        wrong.put(
                "counts in ints",
                bookmarks(it -> with(
                        it,
                        it.phase(),
                        it.partition(),
                        it.cursor(),
                        it.done(),
                        it.counts().read() > Integer.MAX_VALUE ? Counts.ZERO : it.counts())));
        wrong.put("forgets with an empty save", of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                if (save.bookmarks().isEmpty() && save.deadLetters().isEmpty()) {
                    claim.begin("d", List.of());
                }
                super.save(save);
            }
        }));
        wrong.put(
                "does not tell jobs apart",
                place(right ->
                        (job, wait) -> right.claim(job.toLowerCase(Locale.ROOT).strip(), wait)));
        wrong.put("has one place for all jobs", place(right -> (job, wait) -> right.claim("all", wait)));
        wrong.put("shows the letters of all jobs", place(right -> {
            List<DeadLetter> all = new ArrayList<>();
            return (job, wait) -> new Right(right.claim(job, wait)) {
                @Override
                public void save(Save save) throws Exception {
                    super.save(save);
                    all.addAll(save.deadLetters());
                }

                @Override
                public List<DeadLetter> deadLetters() {
                    return List.copyOf(all);
                }
            };
        }));
        wrong.put("shows the bookmarks of all jobs", place(right -> {
            List<Bookmark> all = new ArrayList<>();
            return (job, wait) -> new Right(right.claim(job, wait)) {
                @Override
                public void save(Save save) throws Exception {
                    super.save(save);
                    all.addAll(save.bookmarks());
                }

                @Override
                public List<Bookmark> load() {
                    return List.copyOf(all);
                }
            };
        }));
        wrong.put("lets everybody in", place(right -> {
            Map<String, Claim> held = new LinkedHashMap<>();
            return (job, wait) -> {
                synchronized (held) {
                    Claim before = held.get(job);
                    if (before != null) {
                        before.close();
                    }
                    Claim claim = right.claim(job, wait);
                    held.put(job, claim);
                    return claim;
                }
            };
        }));
        wrong.put("lets nobody in who does not wait", place(right -> (job, wait) -> {
            if (wait.isZero() && Thread.currentThread().getName().equals("another runner")) {
                throw new BackfillException.Held(job + " is held");
            }
            return right.claim(job, wait);
        }));
        wrong.put("gives the job to who was refused", place(right -> {
            Map<String, Claim> held = new LinkedHashMap<>();
            return (job, wait) -> {
                try {
                    Claim claim = right.claim(job, wait);
                    held.put(job, claim);
                    return claim;
                } catch (BackfillException.Held e) {
                    held.get(job).close();
                    throw e;
                }
            };
        }));
        wrong.put("frees what another has", place(right -> {
            Map<String, Claim> held = new LinkedHashMap<>();
            return (job, wait) -> {
                Claim claim = right.claim(job, wait);
                held.put(job, claim);
                return new Right(claim) {
                    @Override
                    public void close() {
                        held.get(job).close();
                    }
                };
            };
        }));
        wrong.put("swallows an interrupt", place(right -> (job, wait) -> {
            Thread.interrupted();
            return right.claim(job, wait.compareTo(Duration.ofMinutes(5)) > 0 ? Duration.ZERO : wait);
        }));
        wrong.put("knows no fence", place(right -> {
            Map<String, Claim> last = new LinkedHashMap<>();
            return (job, wait) -> {
                Claim claim = right.claim(job, wait);
                last.put(job, claim);
                return new Right(claim) {
                    @Override
                    public void save(Save save) throws Exception {
                        last.get(job).save(save);
                    }

                    @Override
                    public void begin(String definition, List<Bookmark> bookmarks) throws Exception {
                        last.get(job).begin(definition, bookmarks);
                    }

                    @Override
                    public void redefine(String definition) throws Exception {
                        last.get(job).redefine(definition);
                    }

                    @Override
                    public void forget(List<DeadLetter> letters) throws Exception {
                        last.get(job).forget(letters);
                    }
                };
            };
        }));
        wrong.put("begins upon what was", of(claim -> new Right(claim) {
            @Override
            public void begin(String definition, List<Bookmark> bookmarks) throws Exception {
                redefine(definition);
                save(new Save(bookmarks, List.of()));
            }
        }));
        wrong.put(
                "loses what many save at once",
                place(right -> (job, wait) -> new Right(right.claim(job, wait)) {
                    private final Thread home = Thread.currentThread();

                    @Override
                    public void save(Save save) throws Exception {
                        if (Thread.currentThread() == home) {
                            super.save(save);
                        }
                    }
                }));
        wrong.put("writes digits of the machine", of(claim -> new Right(claim) {
            @Override
            public void begin(String definition, List<Bookmark> bookmarks) throws Exception {
                super.begin(definition + ("%d".formatted(1).equals("1") ? "" : "?"), bookmarks);
            }
        }));
        return wrong;
    }

    private static Map<String, Supplier<?>> deadLetters() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put("loses letters", of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                super.save(new Save(save.bookmarks(), List.of()));
            }
        }));
        wrong.put("lets letters go when the bookmark moves on", of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                if (!save.bookmarks().isEmpty()) {
                    forget(deadLetters());
                }
                super.save(save);
            }
        }));
        wrong.put(
                "keeps one letter for a key",
                letters(it -> new DeadLetter(
                        "main", it.partition(), Cursor.of(7), it.key(), it.reason(), it.attempts(), it.payload())));
        wrong.put("keeps the first letter of a record", of(claim -> new Right(claim) {
            @Override
            public void save(Save save) throws Exception {
                for (DeadLetter letter : save.deadLetters()) {
                    if (deadLetters().stream().noneMatch(letter::sameRecord)) {
                        super.save(new Save(List.of(), List.of(letter)));
                    }
                }
                super.save(new Save(save.bookmarks(), List.of()));
            }
        }));
        wrong.put("forgets none", of(claim -> new Right(claim) {
            @Override
            public void forget(List<DeadLetter> letters) {}
        }));
        wrong.put("keeps a hundred", of(claim -> new Right(claim) {
            @Override
            public List<DeadLetter> deadLetters() throws Exception {
                return super.deadLetters().stream().limit(100).toList();
            }
        }));
        wrong.put(
                "cuts at a nul",
                letters(it -> new DeadLetter(
                        it.phase(),
                        it.partition(),
                        it.page(),
                        it.key(),
                        it.reason().split("\u0000", 2)[0],
                        it.attempts(),
                        it.payload())));
        return wrong;
    }

    @Test
    void eachCheckOfACheckpointCatchesSomething() throws Exception {
        assertThat(Checks.failures(() -> new Checked(UnaryOperator.identity()))).isEmpty();
        Map<String, Supplier<?>> all = checkpoints();
        all.putAll(deadLetters());
        assertThat(Checks.caughtBy(all)).containsAll(Checks.names(CheckpointContract.class));
    }
}
