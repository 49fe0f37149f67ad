package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes, with real git and real remotes. */
class GitPushTest {

    @TempDir
    Path temporary = Path.of("");

    private SharedRemote shared = new SharedRemote(Path.of(""), Path.of(""), Path.of(""));
    private Path bare = Path.of("");
    private Path mine = Path.of("");

    @BeforeEach
    void aRemoteWithOneCommitAndAClone() throws Exception {
        shared = SharedRemote.in(temporary);
        bare = shared.bare();
        mine = shared.mine();
    }

    @Test
    void pushesTheFirstCommitToAnEmptyRemote() throws Exception {
        Path empty = RealGit.bare(temporary.resolve("empty"));
        Path folder = temporary.resolve("new");
        Git git = Git.init(folder).as("Backfill", "backfill@example.org").pushingTo("origin");
        RealGit.run(folder, "remote", "add", "origin", empty.toString());
        assertThat(git.unpushed()).isZero();

        git.commit("data", List.of(RealGit.file(folder, "data.csv", "1")));

        assertThat(RealGit.lines(empty, "log", "--format=%s", "main")).containsExactly("data");
        assertThat(git.unpushed()).isZero();
    }

    @Test
    void pushesToABranchThatTheRemoteDoesNotHave() throws Exception {
        RealGit.run(mine, "checkout", "-q", "-b", "scrape/2020");

        SharedRemote.git(mine).commit("data", List.of(RealGit.file(mine, "data.csv", "1")));

        assertThat(RealGit.lines(bare, "log", "--format=%s", "scrape/2020")).containsExactly("data", "begin");
        assertThat(shared.pushed()).containsExactly("begin");
        assertThat(SharedRemote.git(mine).unpushed()).isZero();
    }

    @Test
    void putsItsCommitsOnTopOfThoseOfOthersAndBringsTheirFiles() throws Exception {
        shared.others("theirs.csv", "theirs");
        shared.others("README", "theirs");
        Git git = SharedRemote.git(mine);
        Git quiet = Git.at(mine).as("Backfill", "backfill@example.org");
        RealGit.file(mine, "staged", "1");
        RealGit.run(mine, "add", "staged");
        RealGit.file(mine, "untracked", "1");
        quiet.commit("one", List.of(RealGit.file(mine, "one.csv", "1")));
        quiet.commit("again", List.of(RealGit.file(mine, "one.csv", "2")));
        Files.delete(mine.resolve("one.csv"));
        quiet.commit("gone", List.of(mine.resolve("one.csv")));
        String author = RealGit.run(mine, "log", "-3", "--format=%an %ae %at %cn %B");
        assertThat(git.unpushed()).isEqualTo(3);

        git.commit("two", List.of(RealGit.file(mine, "Größe/2.csv", "2")));

        assertThat(shared.pushed())
                .containsExactly("begin", "others: theirs.csv", "others: README", "one", "again", "gone", "two");
        assertThat(RealGit.run(mine, "log", "-3", "--skip=1", "--format=%an %ae %at %cn %B"))
                .isEqualTo(author);
        assertThat(RealGit.run(bare, "rev-list", "--merges", "main")).isEmpty();
        assertThat(Files.readString(mine.resolve("theirs.csv"))).isEqualTo("theirs");
        assertThat(Files.readString(mine.resolve("README"))).isEqualTo("theirs");
        assertThat(RealGit.lines(mine, "status", "--porcelain")).containsExactly("A  staged", "?? untracked");
        assertThat(git.unpushed()).isZero();
        assertThat(Files.list(mine.resolve(".git/backfill"))).containsExactly(mine.resolve(".git/backfill/lock"));
    }

    @Test
    void letsAllCommitsOfFourClonesArrive() throws Exception {
        Path empty = RealGit.bare(temporary.resolve("empty")); // so the first commits have nothing in common either
        List<Path> clones = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clones.add(RealGit.clone(empty, temporary.resolve("clone" + i)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> running = new ArrayList<>();
            for (Path clone : clones) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 10; i++) {
                        String name = clone.getFileName() + "-" + i;
                        SharedRemote.git(clone).commit(name, List.of(RealGit.file(clone, "data/" + name, name)));
                    }
                    return 1;
                }));
            }
            for (Future<Integer> one : running) {
                assertThat(one.get()).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(RealGit.lines(empty, "log", "--format=%s", "main"))
                .hasSize(40)
                .doesNotHaveDuplicates();
        assertThat(RealGit.lines(empty, "ls-tree", "-r", "--name-only", "main")).hasSize(40);
        assertThat(RealGit.run(empty, "rev-list", "--merges", "main")).isEmpty();
        assertThat(RealGit.lines(empty, "rev-list", "--max-parents=0", "main")).hasSize(1);
        for (Path clone : clones) {
            assertThat(RealGit.run(clone, "status", "--porcelain")).isEmpty();
        }
    }

    @Test
    void letsTheThreadsOfOneRepositoryTakeTurns() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> running = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Path data = RealGit.file(mine, "data/" + i, "1");
                Git git = SharedRemote.git(mine); // each with a lock of its own, as in several processes
                running.add(threads.submit(() -> git.commit(data.toString(), List.of(data))));
            }
            for (Future<Boolean> one : running) {
                assertThat(one.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(shared.pushed()).hasSize(13);
        assertThat(RealGit.run(mine, "status", "--porcelain")).isEmpty();
    }

    @Test
    void pushesNothingThatTheOthersHaveToo() throws Exception {
        shared.others("data.csv", "same");
        RealGit.file(mine, "early", "2");
        shared.others("early", "2"); // it lies here already, and nobody has committed it

        SharedRemote.git(mine).commit("mine", List.of(RealGit.file(mine, "data.csv", "same")));

        assertThat(shared.pushed()).containsExactly("begin", "others: data.csv", "others: early");
        assertThat(RealGit.run(mine, "status", "--porcelain")).isEmpty();
        assertThat(SharedRemote.git(mine).unpushed()).isZero();
    }
}
