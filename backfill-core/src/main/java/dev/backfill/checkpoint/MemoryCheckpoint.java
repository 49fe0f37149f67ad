package dev.backfill.checkpoint;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps progress in memory only: it is lost with the process. For tests, dry runs, and jobs that may begin again at any time. */
public final class MemoryCheckpoint implements Checkpoint {

    private final Ports ports = Ports.current();
    private final Tasks.Gate gate = ports.tasks().gate();
    private final Map<String, State> jobs = new LinkedHashMap<>();

    /** An empty place. */
    public MemoryCheckpoint() {}

    private static final class State {
        private long run;
        private boolean held;
        private @Nullable String definition;
        private final Map<List<String>, Bookmark> bookmarks = new LinkedHashMap<>();
        private final List<DeadLetter> letters = new ArrayList<>();
    }

    @Override
    public Claim claim(String job, Duration wait) throws InterruptedException {
        gate.lock();
        try {
            State state = jobs.computeIfAbsent(job, name -> new State());
            long begin = ports.time().nanos();
            while (state.held) {
                long left = wait.toNanos() - (ports.time().nanos() - begin);
                if (left <= 0) {
                    throw new BackfillException.Held("the job '" + job + "' is held by another runner in this process");
                }
                gate.await(left);
            }
            state.held = true;
            state.run++;
            return new Held(state, state.run);
        } finally {
            gate.unlock();
        }
    }

    private final class Held implements Claim {

        private final State state;
        private final long run;
        private boolean open = true;

        Held(State state, long run) {
            this.state = state;
            this.run = run;
        }

        @Override
        public long run() {
            return run;
        }

        @Override
        public Optional<String> definition() {
            return locked(() -> Optional.ofNullable(state.definition));
        }

        @Override
        public List<Bookmark> load() {
            return locked(() -> List.copyOf(state.bookmarks.values()));
        }

        @Override
        public void begin(String definition, List<Bookmark> bookmarks) {
            locked(() -> {
                state.definition = definition;
                state.bookmarks.clear();
                state.letters.clear();
                bookmarks.forEach(this::put);
                return true;
            });
        }

        @Override
        public void redefine(String definition) {
            locked(() -> state.definition = definition);
        }

        @Override
        public void save(Save save) {
            locked(() -> {
                save.deadLetters().forEach(letter -> {
                    state.letters.removeIf(letter::sameRecord);
                    state.letters.add(letter);
                });
                save.bookmarks().forEach(this::put);
                return true;
            });
        }

        private void put(Bookmark bookmark) {
            state.bookmarks.put(List.of(bookmark.phase(), bookmark.partition()), bookmark);
        }

        @Override
        public List<DeadLetter> deadLetters() {
            return locked(() -> List.copyOf(state.letters));
        }

        @Override
        public void forget(List<DeadLetter> letters) {
            locked(() -> state.letters.removeIf(kept -> letters.stream().anyMatch(kept::sameRecord)));
        }

        @Override
        public void close() {
            gate.lock();
            try {
                if (open) {
                    open = false;
                    state.held = false;
                    gate.changed();
                }
            } finally {
                gate.unlock();
            }
        }

        private <X> X locked(java.util.function.Supplier<X> body) {
            gate.lock();
            try {
                if (state.run != run || !open) {
                    throw new BackfillException.Lost("another runner has taken the job over");
                }
                return body.get();
            } finally {
                gate.unlock();
            }
        }
    }
}
