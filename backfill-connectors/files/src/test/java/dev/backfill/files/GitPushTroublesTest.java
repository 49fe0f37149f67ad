package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.TransientException;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes that do not get through, with real git and real remotes. */
class GitPushTroublesTest {

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
    void namesThePathThatBothHaveChangedAndKeepsTheCommit() throws Exception {
        shared.others("data.csv", "theirs");
        Git git = SharedRemote.git(mine);

        assertThatIllegalStateException()
                .isThrownBy(() -> git.commit("mine", List.of(RealGit.file(mine, "data.csv", "mine"))))
                .withMessageStartingWith("committed, not pushed: 'data.csv'")
                .withMessageContaining("git pull");

        assertThat(RealGit.lines(mine, "log", "--format=%s")).containsExactly("mine", "begin");
        assertThat(RealGit.run(mine, "status", "--porcelain")).isEmpty();
        assertThat(git.unpushed()).isEqualTo(1);
        assertThat(shared.pushed()).containsExactly("begin", "others: data.csv");
    }

    @Test
    void seesAFileWhereTheOthersHaveAFolder() throws Exception {
        shared.others("data/x/1.csv", "theirs");

        assertThatIllegalStateException()
                .isThrownBy(() -> SharedRemote.git(mine).commit("mine", List.of(RealGit.file(mine, "data", "mine"))))
                .withMessageStartingWith("committed, not pushed: 'data'");

        shared.others("a", "a file");
        RealGit.run(mine, "reset", "-q", "--hard", "HEAD^");
        assertThatIllegalStateException()
                .isThrownBy(() -> SharedRemote.git(mine).commit("mine", List.of(RealGit.file(mine, "a/b/c", "mine"))))
                .withMessageStartingWith("committed, not pushed: 'a/b/c'");
    }

    @Test
    void writesOverNothingThatLiesInTheWay() throws Exception {
        RealGit.file(mine, ".git/info/exclude", "*.tmp");
        for (String name : List.of("theirs.csv", "ignored.tmp", "README")) {
            shared.others(name, "theirs");
            RealGit.file(mine, name, "mine");
            String before = RealGit.run(mine, "rev-parse", "HEAD");

            assertThatIllegalStateException()
                    .isThrownBy(() -> SharedRemote.git(mine)
                            .commit("data", List.of(RealGit.file(mine, "data for " + name + ".csv", "1"))))
                    .withMessageStartingWith("committed, not pushed: ")
                    .withMessageContaining(name);

            assertThat(Files.readString(mine.resolve(name))).isEqualTo("mine");
            assertThat(RealGit.run(mine, "rev-parse", "HEAD^")).isEqualTo(before);
            if (name.equals("README")) {
                RealGit.run(mine, "checkout", "-q", "README");
            } else {
                Files.delete(mine.resolve(name));
            }
            SharedRemote.git(mine).push();
            assertThat(Files.readString(mine.resolve(name))).isEqualTo("theirs");
            assertThat(SharedRemote.git(mine).unpushed()).isZero();
        }
    }

    @Test
    void leavesMergesToAPerson() throws Exception {
        RealGit.run(mine, "checkout", "-q", "-b", "side");
        Git.at(mine).as("x", "x@y").commit("side", List.of(RealGit.file(mine, "side", "1")));
        RealGit.run(mine, "checkout", "-q", "main");
        RealGit.run(mine, "merge", "-q", "--no-ff", "-m", "merged", "side");
        shared.others("theirs", "1");

        assertThatIllegalStateException()
                .isThrownBy(() -> SharedRemote.git(mine).push())
                .withMessageContaining("is a merge");
    }

    @Test
    void keepsWhatItCannotPushAndPushesItTheNextTime() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        RealGit.run(mine, "remote", "set-url", "origin", "http://user:S3CR3T@127.0.0.1:" + port + "/x?token=S3CR3T");
        Git git = RealGit.impatient(times -> {}, () -> SharedRemote.git(mine));

        assertThatThrownBy(() -> git.commit("mine", List.of(RealGit.file(mine, "data.csv", "1"))))
                .isInstanceOf(TransientException.class)
                .hasMessageStartingWith("committed, not pushed: ")
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageNotContaining("S3CR3T");
        assertThat(git.unpushed()).isEqualTo(1);

        RealGit.run(mine, "remote", "set-url", "origin", bare.toString());
        assertThat(git.commit("mine", List.of(mine.resolve("data.csv")))).isFalse();
        assertThat(shared.pushed()).containsExactly("begin", "mine");
        assertThat(git.unpushed()).isZero();
    }

    @Test
    void givesUpARemoteThatNeverAnswers() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RealGit.run(mine, "remote", "set-url", "origin", "http://127.0.0.1:" + silent.getLocalPort() + "/x");
            CompletableFuture<Socket> client = CompletableFuture.supplyAsync(() -> {
                try {
                    return silent.accept();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            Ports ports = new Ports(new LateOnce(client), Ports.REAL.disk(), Ports.REAL.tasks());
            Git git = Ports.bound(ports, () -> SharedRemote.git(mine));

            assertThatThrownBy(() -> git.commit("mine", List.of(RealGit.file(mine, "data.csv", "1"))))
                    .isInstanceOf(TransientException.class)
                    .hasMessageStartingWith("committed, not pushed: git push did not end within 120000 ms");

            try (Socket socket = client.get()) {
                socket.getInputStream().readAllBytes(); // ends, since the one who asked has been ended too
            }
        }
    }

    /** A clock that stands until somebody has connected, and is far ahead then. */
    private record LateOnce(CompletableFuture<Socket> connected) implements Time {

        @Override
        public long nanos() {
            return connected.isDone() ? Long.MAX_VALUE / 2 : 0;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public void sleep(long nanos) {}

        @Override
        public double random() {
            return Ports.REAL.time().random();
        }
    }

    @Test
    void saysWhatAPersonMustMend() throws Exception {
        Git.at(mine).as("x", "x@y").commit("mine", List.of(RealGit.file(mine, "data.csv", "1")));

        assertThatIllegalStateException()
                .isThrownBy(() -> Git.at(mine).pushingTo("elsewhere").push())
                .withMessageContaining("there is no remote 'elsewhere'");
        assertThatIllegalStateException().isThrownBy(() -> Git.at(mine).push()).withMessageContaining("pushingTo(");

        Path hook = RealGit.file(bare, "hooks/pre-receive", "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n");
        assertThat(hook.toFile().setExecutable(true)).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> SharedRemote.git(mine).push())
                .withMessageStartingWith("committed, not pushed: origin takes no push to main")
                .withMessageContaining("main is protected");

        RealGit.run(
                mine,
                "remote",
                "set-url",
                "origin",
                temporary.resolve("nowhere").toString());
        assertThatIllegalStateException()
                .isThrownBy(() -> SharedRemote.git(mine).push())
                .withMessageContaining("is not there");

        RealGit.run(mine, "checkout", "-q", "--detach");
        assertThatIllegalStateException()
                .isThrownBy(() -> SharedRemote.git(mine).push())
                .withMessageContaining("no branch");
    }
}
