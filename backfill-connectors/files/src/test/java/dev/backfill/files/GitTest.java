package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.TransientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits, with real git; its environment is as the pom sets it. */
class GitTest {

    @TempDir
    Path temporary = Path.of("");

    private Path repository() throws Exception {
        return RealGit.repository(temporary.resolve("repository"));
    }

    private static Git git(Path folder) throws Exception {
        return Git.at(folder).as("Backfill", "backfill@example.org");
    }

    /** What the last commit has changed. */
    private static List<String> committed(Path folder) throws Exception {
        return List.of(RealGit.run(folder, "show", "--name-only", "-z", "--format=", "HEAD")
                .split("\0"));
    }

    @Test
    void commitsWhatIsNamed() throws Exception {
        Path folder = repository();
        Path data = RealGit.file(folder, "data/2020-01.csv", "id\n1\n");

        assertThat(git(folder).commit("data: sold links for 2020-01\n\n# not a comment", List.of(data)))
                .isTrue();

        assertThat(committed(folder)).containsExactly("data/2020-01.csv");
        assertThat(RealGit.run(folder, "log", "-1", "--format=%an <%ae> %cn <%ce> %B"))
                .isEqualTo("Backfill <backfill@example.org> Backfill <backfill@example.org>"
                        + " data: sold links for 2020-01\n\n# not a comment");
        assertThat(RealGit.run(folder, "status", "--porcelain")).isEmpty();
    }

    @Test
    void runsNothingAndCommitsNothingElseInAHostileRepository() throws Exception {
        Path folder = repository();
        Path pwned = temporary.resolve("pwned");
        for (String hook : List.of(
                "pre-commit",
                "prepare-commit-msg",
                "commit-msg",
                "post-commit",
                "pre-push",
                "reference-transaction",
                "post-index-change")) {
            Path script = RealGit.file(folder, ".git/hooks/" + hook, "#!/bin/sh\ntouch '" + pwned + "'\n");
            assertThat(script.toFile().setExecutable(true)).isTrue();
        }
        Path monitor = RealGit.file(folder, ".git/monitor", "#!/bin/sh\ntouch '" + pwned + "'\n");
        assertThat(monitor.toFile().setExecutable(true)).isTrue();
        RealGit.run(folder, "config", "core.fsmonitor", monitor.toString());
        RealGit.run(folder, "config", "gpg.program", monitor.toString());
        RealGit.run(folder, "config", "commit.gpgsign", "true");
        Path bare = RealGit.bare(temporary.resolve("bare"));
        RealGit.run(folder, "remote", "add", "origin", bare.toString());
        RealGit.file(folder, ".env", "PASSWORD=1");
        RealGit.file(folder, "a.csv", "not this");
        RealGit.run(folder, "add", ".env", "a.csv"); // so they are in reach of a pathspec that is more than a path
        List<String> hostile =
                List.of(":(top)", "-rf", ":!x", "--upload-pack=touch pwned", "*.csv", "two\nlines", "--", "a\\b", "\"");
        for (String name : hostile) {
            RealGit.file(folder, name, "1");
        }
        Files.deleteIfExists(pwned); // the person's own git has run them

        Git git = git(folder).pushingTo("origin");
        for (String name : hostile) {
            assertThat(git.commit("data", List.of(folder.resolve(name)))).isTrue();
            assertThat(committed(folder)).containsExactly(name);
        }

        assertThat(pwned).doesNotExist();
        assertThat(folder.resolve("pwned")).doesNotExist();
        assertThat(git.unpushed()).isZero();
        assertThat(RealGit.lines(bare, "ls-tree", "--name-only", "main")).doesNotContain(".env", "a.csv");
    }

    @Test
    void commitsNothingIfNothingHasChanged() throws Exception {
        Path folder = repository();
        Path data = RealGit.file(folder, "data.csv", "1");
        Git git = git(folder);
        git.commit("data", List.of(data));
        String before = RealGit.run(folder, "rev-parse", "HEAD");
        RealGit.file(folder, "data.csv", "1");

        assertThat(git.commit("data", List.of(data, folder.resolve("never there"), folder.resolve("no/folder"))))
                .isFalse();
        assertThat(git.commit("data", List.of())).isFalse();

        assertThat(RealGit.run(folder, "rev-parse", "HEAD")).isEqualTo(before);
    }

    @Test
    void leavesWhatIsStagedOrDirtyAsItIs() throws Exception {
        Path folder = repository();
        RealGit.file(folder, "staged", "1");
        RealGit.run(folder, "add", "staged");
        RealGit.file(folder, "staged", "2");
        RealGit.file(folder, "README", "changed");
        RealGit.file(folder, "untracked", "1");
        String before = RealGit.run(folder, "status", "--porcelain");

        git(folder).commit("data", List.of(RealGit.file(folder, "data.csv", "1")));

        assertThat(committed(folder)).containsExactly("data.csv");
        assertThat(RealGit.run(folder, "status", "--porcelain")).isEqualTo(before);
        assertThat(RealGit.run(folder, "show", ":staged")).isEqualTo("1");
    }

    @Test
    void commitsAFileThatIsGoneAsRemoved() throws Exception {
        Path folder = repository();
        Git git = git(folder);
        Path gone = RealGit.file(folder, "months/2020-01.csv", "1");
        Path stays = RealGit.file(folder, "months/2020-02.csv", "1");
        git.commit("data", List.of(gone, stays));
        Files.delete(gone);
        Files.delete(stays);
        Files.delete(folder.resolve("months"));

        assertThat(git.commit("gone", List.of(gone))).isTrue();

        assertThat(RealGit.run(folder, "show", "--name-status", "--format=", "HEAD"))
                .isEqualTo("D\tmonths/2020-01.csv");
    }

    @Test
    void makesTheFirstCommitOfARepositoryThatItMakes() throws Exception {
        Path around = repository();
        Path folder = around.resolve("new/one");

        Git git = Git.init(folder).as("Backfill", "backfill@example.org");
        RealGit.file(folder, "staged", "1");
        RealGit.run(folder, "add", "staged");

        assertThat(git.commit("data", List.of(RealGit.file(folder, "data.csv", "1"))))
                .isTrue();
        assertThat(committed(folder)).containsExactly("data.csv");
        assertThat(RealGit.run(folder, "symbolic-ref", "HEAD")).isEqualTo("refs/heads/main");
        assertThat(RealGit.run(around, "log", "--format=%s")).isEqualTo("begin");
        assertThat(Git.init(folder)).hasToString("git in " + folder.toRealPath());
        assertThat(RealGit.lines(folder, "log", "--format=%s")).containsExactly("data");
    }

    @Test
    void takesAFolderInsideTheWorkTree() throws Exception {
        Path folder = repository();
        Path data = RealGit.file(folder, "data/x.csv", "1");

        git(folder.resolve("data")).commit("data", List.of(data));

        assertThat(committed(folder)).containsExactly("data/x.csv");
    }

    @Test
    void takesNamesAndMessagesInAnyScript() throws Exception {
        Path folder = repository();
        Path data = RealGit.file(folder, "Größe/月 😀.csv", "1");

        git(folder).as("Käthe", "k@x").commit("Größe 月", List.of(data));

        assertThat(committed(folder)).containsExactly("Größe/月 😀.csv");
        assertThat(RealGit.run(folder, "log", "-1", "--format=%an %s")).isEqualTo("Käthe Größe 月");
    }

    @Test
    void refusesAFileThatIsIgnored() throws Exception {
        Path folder = repository();
        RealGit.file(folder, ".gitignore", "*.csv\ndata/\n");
        Path ignored = RealGit.file(folder, "x.csv", "1");
        Path inside = RealGit.file(folder, "data/x.json", "1");

        assertThatIllegalStateException()
                .isThrownBy(() -> git(folder).commit("data", List.of(RealGit.file(folder, "y", "1"), ignored)))
                .withMessageContaining("'x.csv'")
                .withMessageContaining(".gitignore");
        assertThatIllegalStateException()
                .isThrownBy(() -> git(folder).commit("data", List.of(inside)))
                .withMessageContaining("'data/x.json'");
        assertThat(RealGit.lines(folder, "log", "--format=%s")).containsExactly("begin");
        assertThat(RealGit.run(folder, "diff", "--cached", "--name-only")).isEmpty();
    }

    @Test
    void refusesPathsOutsideOfTheWorkTree() throws Exception {
        Path folder = repository();
        Path outside = RealGit.file(temporary, "outside/x", "1").getParent();
        Files.createSymbolicLink(folder.resolve("link"), outside);
        Files.createSymbolicLink(folder.resolve("own"), folder.resolve(".git"));

        for (Path path : List.of(
                outside.resolve("x"),
                folder,
                folder.resolve("../outside/x"),
                folder.resolve("no/../../outside/x"),
                folder.resolve(".."),
                folder.resolve("link/x"),
                folder.resolve("own/config"),
                folder.resolve(".git/config"),
                folder.resolve("data/.GIT/x"))) {
            assertThatIllegalArgumentException()
                    .as(path.toString())
                    .isThrownBy(() -> git(folder).commit("data", List.of(path)));
        }
        assertThat(RealGit.lines(folder, "log", "--format=%s")).containsExactly("begin");
    }

    @Test
    void saysThatItKnowsNobodyWhoseCommitItWouldBe() throws Exception {
        Path folder = repository();
        Path data = RealGit.file(folder, "data.csv", "1");
        assertThat(System.getenv("GIT_CONFIG_GLOBAL")).as("as the pom sets it").isEqualTo("/dev/null");

        assertThatIllegalStateException()
                .isThrownBy(() -> Git.at(folder).commit("data", List.of(data)))
                .withMessageContaining(".as(name, mail)");

        RealGit.run(folder, "config", "user.name", "Of the repository");
        RealGit.run(folder, "config", "user.email", "own@x");
        assertThat(Git.at(folder).commit("data", List.of(data))).isTrue();
        assertThat(RealGit.run(folder, "log", "-1", "--format=%an")).isEqualTo("Of the repository");
    }

    @Test
    void refusesNamesAndMessagesThatGitWouldAlter() throws Exception {
        Git git = git(repository());

        assertThatIllegalArgumentException().isThrownBy(() -> git.as(" ", "x@y"));
        assertThatIllegalArgumentException().isThrownBy(() -> git.as("x", "x@y>\nauthor z <z"));
        assertThatIllegalArgumentException().isThrownBy(() -> git.commit(" ", List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> git.pushingTo("https://u:p@host/x"));
        assertThatIllegalArgumentException().isThrownBy(() -> git.pushingTo("--mirror"));
    }

    @Test
    void saysThatThereIsNoRepository() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Git.at(temporary))
                .withMessageContaining("in no work tree of git");
        assertThatIllegalStateException()
                .isThrownBy(() -> Git.at(temporary.resolve("nowhere")))
                .withMessageContaining("there is no folder");
    }

    @Test
    void waitsForALockThatIsGivenBack() throws Exception {
        Path folder = repository();
        Path lock = RealGit.file(folder, ".git/index.lock", "");
        Git git = RealGit.impatient(
                times -> assertThat(times < 3 || lock.toFile().delete()).isTrue(), () -> git(folder));

        assertThat(git.commit("data", List.of(RealGit.file(folder, "data.csv", "1"))))
                .isTrue();
    }

    @Test
    void namesALockThatStays() throws Exception {
        Path folder = repository();
        Path lock = RealGit.file(folder, ".git/index.lock", "");
        AtomicInteger waits = new AtomicInteger();
        Git git = RealGit.impatient(waits::set, () -> git(folder));

        assertThatThrownBy(() -> git.commit("data", List.of(RealGit.file(folder, "data.csv", "1"))))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining(lock.toRealPath().toString());
        assertThat(waits.get()).isEqualTo(9);

        Files.delete(lock);
        assertThat(git.commit("data", List.of(folder.resolve("data.csv")))).isTrue();
    }

    @Test
    void isLedNowhereByTheEnvironment() throws Exception {
        assertThat(System.getenv("GIT_DIR")).as("as the pom sets it").isEqualTo("/nowhere/.git");
        Path folder = repository();

        assertThat(git(folder).commit("data", List.of(RealGit.file(folder, "data.csv", "1"))))
                .isTrue();
    }
}
