package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.TransientException;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes whose process is killed; {@code -Dbackfill.git.every=1} for every place, which takes minutes. */
class GitKilledTest {

    private static final int EVERY = Integer.getInteger("backfill.git.every", 11);

    @TempDir
    Path temporary = Path.of("");

    private Path original = Path.of("");

    /** A remote to which others have pushed, and a clone with two commits that it lacks. */
    @BeforeEach
    void aCloneThatIsBehind() throws Exception {
        original = temporary.resolve("original");
        Path bare = RealGit.bare(original.resolve("bare"));
        Path mine = RealGit.repository(original.resolve("mine"));
        RealGit.run(mine, "remote", "add", "origin", "../bare");
        RealGit.run(mine, "push", "-q", "origin", "main");
        Path other = RealGit.clone(bare, temporary.resolve("other"));
        RealGit.write(other.resolve("theirs/1.csv"), "theirs");
        RealGit.write(other.resolve("README"), "theirs");
        RealGit.run(other, "add", "--all");
        RealGit.run(other, "commit", "-q", "-m", "others");
        RealGit.run(other, "push", "-q", "origin", "main");
        Git git = Git.at(mine).as("Backfill", "backfill@example.org");
        git.commit("one", List.of(RealGit.write(mine.resolve("1.csv"), "1")));
        git.commit("two", List.of(RealGit.write(mine.resolve("2.csv"), "2")));
        RealGit.write(mine.resolve("untracked"), "1");
    }

    private Path copy(String name) throws IOException {
        Path copy = temporary.resolve(name);
        try (Stream<Path> files = Files.walk(original)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(original.relativize(file)));
            }
        }
        return copy;
    }

    private static Git git(Path world) throws Exception {
        return Git.at(world.resolve("mine"))
                .as("Backfill", "backfill@example.org")
                .pushingTo("origin");
    }

    private static void assertAllIsWell(Path world) throws Exception {
        Path mine = world.resolve("mine");
        assertThat(RealGit.lines(world.resolve("bare"), "log", "--reverse", "--format=%s", "main"))
                .containsExactly("begin", "others", "one", "two");
        assertThat(RealGit.run(mine, "rev-parse", "HEAD"))
                .isEqualTo(RealGit.run(world.resolve("bare"), "rev-parse", "main"));
        assertThat(RealGit.run(mine, "status", "--porcelain")).isEqualTo("?? untracked");
        assertThat(Files.readString(mine.resolve("theirs/1.csv"))).isEqualTo("theirs");
        assertThat(git(world).unpushed()).isZero();
        try (Stream<Path> own = Files.list(mine.resolve(".git/backfill"))) {
            assertThat(own.map(path -> path.getFileName().toString())).containsExactly("lock");
        }
    }

    /** Git itself leaves its lock if it is ended between making it and minding signals; then the message says what to do. */
    private static void pushWithAPersonAtHand(Path world) throws Exception {
        try {
            git(world).push();
        } catch (TransientException e) {
            Matcher lock = Pattern.compile("at work: (/.*\\.lock) is there and stays\\. .* remove the file")
                    .matcher(String.valueOf(e.getMessage()));
            assertThat(lock.find()).as(e.getMessage()).isTrue();
            Files.delete(Path.of(lock.group(1)));
            git(world).push();
        }
    }

    @Test
    void whatIsKilledAnywhereIsMendedByTheNextPush() throws Exception {
        int kills = 0;
        for (int step = 1; ; step += EVERY) {
            Path world = copy("killed at " + step);
            Mortal mortal = new Mortal(step);
            Git git = Ports.bound(new Ports(mortal, mortal, Ports.REAL.tasks()), () -> git(world));
            boolean killed = false;
            try {
                mortal.living = true;
                git.push();
            } catch (Killed e) {
                killed = true;
            }
            pushWithAPersonAtHand(world);
            assertAllIsWell(world);
            if (!killed) {
                break;
            }
            kills++;
        }
        assertThat(kills).isGreaterThan(2);
    }

    /** The commits as they are when they have been put on top of the others', made elsewhere and known here. */
    private String moved(Path world) throws Exception {
        Path twin = copy("twin");
        git(twin).push();
        RealGit.run(world.resolve("mine"), "fetch", "-q", twin.resolve("mine").toString(), "main");
        return RealGit.run(twin.resolve("mine"), "rev-parse", "HEAD");
    }

    private static void note(Path mine, String from, String to) throws IOException {
        RealGit.write(mine.resolve(".git/backfill/move"), from + " " + to);
    }

    @Test
    void aMoveThatHasBegunIsFinished() throws Exception {
        Path mine = original.resolve("mine");
        String head = RealGit.run(mine, "rev-parse", "HEAD");
        String moved = moved(original);
        for (int done = 0; done < 5; done++) {
            Path world = copy("done " + done);
            Path here = world.resolve("mine");
            note(here, head, moved);
            if (done == 1) { // git itself was killed among its files, and has not told its index of them
                RealGit.write(here.resolve("theirs/1.csv"), "theirs");
                RealGit.write(here.resolve("README"), "theirs");
            } else if (done >= 2) {
                RealGit.run(here, "update-index", "--refresh"); // it is a copy
                RealGit.run(here, "read-tree", "-m", "-u", head, moved);
            }
            if (done == 3) {
                RealGit.run(here, "update-ref", "HEAD", moved, head);
            }
            if (done == 4) { // a commit comes first
                assertThat(git(world).commit("nothing", List.of(here.resolve("1.csv"))))
                        .isFalse();
            }

            git(world).push();

            assertAllIsWell(world);
        }
    }

    @Test
    void fileThatGitHadBegunToWriteWhenItWasKilledIsWrittenAgain() throws Exception {
        Path mine = original.resolve("mine");
        String head = RealGit.run(mine, "rev-parse", "HEAD");
        String moved = moved(original);
        for (String begun : List.of("", "thei")) {
            Path world = copy("begun with '" + begun + "'");
            Path here = world.resolve("mine");
            note(here, head, moved);
            RealGit.write(here.resolve("theirs/1.csv"), begun);
            RealGit.write(here.resolve("README"), begun);

            git(world).push();

            assertAllIsWell(world);
        }
    }

    @Test
    void fileThatIsCommittedIsNoFileThatGitHadBegunToWrite() throws Exception {
        Path mine = original.resolve("mine");
        note(mine, RealGit.run(mine, "rev-parse", "HEAD"), moved(original));
        Path readme = RealGit.write(mine.resolve("README"), "thei");

        assertThatThrownBy(() -> git(original).commit("mine", List.of(readme))).hasMessageContaining("README");

        assertThat(Files.readString(readme)).isEqualTo("thei");
    }

    @Test
    void fileThatGitHadNotComeToIsLeftAloneIfTheMoveIsRefused() throws Exception {
        Path mine = original.resolve("mine");
        RealGit.run(mine, "update-index", "--refresh");
        note(mine, RealGit.run(mine, "rev-parse", "HEAD"), moved(original));
        RealGit.write(mine.resolve("theirs/1.csv"), "mine");
        RealGit.write(mine.resolve("README"), "");

        assertThatThrownBy(() -> git(original).push()).hasMessageContaining("theirs/1.csv");

        assertThat(mine.resolve("README")).exists();
    }

    @Test
    void fileOfSomebodyElseIsNoFileThatGitHadBegunToWrite() throws Exception {
        Path mine = original.resolve("mine");
        note(mine, RealGit.run(mine, "rev-parse", "HEAD"), moved(original));
        RealGit.write(mine.resolve("README"), "mine");

        assertThatThrownBy(() -> git(original).push()).hasMessageContaining("README");

        assertThat(Files.readString(mine.resolve("README"))).isEqualTo("mine");
    }

    @Test
    void aPushOfWhichNothingIsKnownHereIsNotDoneTwice() throws Exception {
        Path world = copy("world");
        Path twin = temporary.resolve("twin");
        String moved = moved(world);
        RealGit.run(twin.resolve("mine"), "push", "-q", world.resolve("bare").toString(), "HEAD:main");

        git(world).push();

        assertAllIsWell(world);
        assertThat(RealGit.run(world.resolve("mine"), "rev-parse", "HEAD")).isEqualTo(moved);
    }

    @Test
    void aNoteIsForgottenIfSomebodyHasGoneElsewhere() throws Exception {
        Path mine = original.resolve("mine");
        note(mine, RealGit.run(mine, "rev-parse", "HEAD^"), RealGit.run(mine, "rev-parse", "HEAD^^"));

        git(original).push();

        assertAllIsWell(original);
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** The clock and the files of a process that dies at some step, with what it has started, and does nothing any more. */
    private static final class Mortal implements Time, Disk {
        private final int last;
        private boolean living;
        private int steps;

        Mortal(int last) {
            this.last = last;
        }

        private Disk disk() {
            step();
            return Ports.REAL.disk();
        }

        private void step() {
            if (living) {
                steps++;
            }
            if (steps >= last) {
                throw new Killed();
            }
        }

        @Override
        public long nanos() {
            step();
            return Ports.REAL.time().nanos();
        }

        @Override
        public Instant now() {
            return Ports.REAL.time().now();
        }

        @Override
        public void sleep(long nanos) {
            step();
        }

        @Override
        public double random() {
            return Ports.REAL.time().random();
        }

        @Override
        public void folder(Path folder) throws IOException {
            disk().folder(folder);
        }

        @Override
        public void subfolder(Path folder) throws IOException {
            disk().subfolder(folder);
        }

        @Override
        public long size(Path file) throws IOException {
            return disk().size(file);
        }

        @Override
        public boolean exists(Path path) {
            return disk().exists(path);
        }

        @Override
        public List<String> list(Path folder) throws IOException {
            return disk().list(folder);
        }

        @Override
        public byte[] read(Path file) throws IOException {
            return disk().read(file);
        }

        @Override
        public byte[] read(Path file, long from, int most) throws IOException {
            return disk().read(file, from, most);
        }

        @Override
        public Writing create(Path file) throws IOException {
            return disk().create(file);
        }

        @Override
        public Writing append(Path file, long length) throws IOException {
            return disk().append(file, length);
        }

        @Override
        public void link(Path file, Path second) throws IOException {
            disk().link(file, second);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            disk().rename(from, to);
        }

        @Override
        public void delete(Path file) throws IOException {
            disk().delete(file);
        }

        @Override
        public void sync(Path folder) throws IOException {
            disk().sync(folder);
        }

        @Override
        public Optional<Lock> lock(Path file) throws IOException {
            return disk().lock(file);
        }
    }
}
