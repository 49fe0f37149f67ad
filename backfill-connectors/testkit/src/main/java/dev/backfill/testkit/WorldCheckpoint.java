package dev.backfill.testkit;

import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A checkpoint in a world: survives its processes, and frees what a dead one has held. */
final class WorldCheckpoint implements Checkpoint {

    private final World world;
    private final Checkpoint checkpoint;
    private @Nullable Claim held;
    private int holder;

    WorldCheckpoint(World world, Checkpoint checkpoint) {
        this.world = world;
        this.checkpoint = checkpoint;
    }

    /** What is done whole or not at all. */
    @FunctionalInterface
    private interface Change {
        void apply() throws Exception;
    }

    private void io(String what, Change change) throws Exception {
        Exception[] failure = new Exception[1];
        world.io(what, () -> {
            try {
                change.apply();
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                failure[0] = e;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    @Override
    public Claim claim(String job, Duration wait) throws Exception {
        Claim dead = held;
        if (dead != null && holder != world.process()) {
            dead.close();
        }
        Claim claim = checkpoint.claim(job, wait);
        held = claim;
        holder = world.process();
        return new Claim() {
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
                io("begin", () -> claim.begin(definition, bookmarks));
            }

            @Override
            public void redefine(String definition) throws Exception {
                io("redefine", () -> claim.redefine(definition));
            }

            @Override
            public void save(Save save) throws Exception {
                io("save " + save.bookmarks(), () -> claim.save(save));
            }

            @Override
            public List<DeadLetter> deadLetters() throws Exception {
                return claim.deadLetters();
            }

            @Override
            public void forget(List<DeadLetter> letters) throws Exception {
                io("forget", () -> claim.forget(letters));
            }

            @Override
            public void close() {
                held = null;
                claim.close();
            }
        };
    }
}
