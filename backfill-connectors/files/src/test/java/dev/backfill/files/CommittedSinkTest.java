package dev.backfill.files;

import static dev.backfill.files.Months.job;
import static dev.backfill.files.Months.months;
import static dev.backfill.files.Months.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A commit of each month, with real git. */
class CommittedSinkTest {

    @TempDir
    Path temporary = Path.of("");

    private final MemoryCheckpoint progress = new MemoryCheckpoint();

    private static Git git(Path repository) throws Exception {
        return Git.at(repository).as("Backfill", "backfill@example.org");
    }

    private static FileSink<Row> files(Path repository) {
        return Csv.in(repository.resolve("data"), Row.class);
    }

    private static Partitioned<Row> year() {
        return months(Partition.of("2020-01", rows(1, 4)), Partition.of("2020-02", rows(5, 8)));
    }

    private static Set<String> committed(Path repository, String commit) throws Exception {
        return new TreeSet<>(RealGit.lines(repository, "show", "--name-only", "--format=", commit));
    }

    private static List<String> log(Path repository) throws Exception {
        return RealGit.lines(repository, "log", "--reverse", "--format=%s");
    }

    @Test
    void eachMonthIsACommitOfItsFilesOnly() throws Exception {
        Path repository = RealGit.repository(temporary.resolve("repository"));
        RealGit.file(repository, "data/other.csv", "not this");
        CommittedSink<Row> sink = files(repository).committedTo(git(repository)).message(month -> "sold in " + month);

        job(progress, year(), sink).run();

        assertThat(log(repository)).containsExactly("begin", "sold in 2020-01", "sold in 2020-02");
        assertThat(committed(repository, "HEAD~"))
                .containsExactly("data/2020-01.csv", "data/2020-01.csv.manifest.json");
        assertThat(committed(repository, "HEAD")).containsExactly("data/2020-02.csv", "data/2020-02.csv.manifest.json");
        assertThat(RealGit.run(repository, "status", "--porcelain")).isEqualTo("?? data/other.csv");
    }

    @Test
    void aSecondRunCommitsNothing() throws Exception {
        Path repository = RealGit.repository(temporary.resolve("repository"));
        CommittedSink<Row> sink = files(repository).committedTo(git(repository));
        job(progress, year(), sink).run();
        String before = RealGit.run(repository, "rev-parse", "HEAD");

        job(progress, year(), sink).run();
        job(progress, year(), sink).again();
        job(new MemoryCheckpoint(), year(), sink).run();

        assertThat(sink.settle()).isZero();
        assertThat(RealGit.run(repository, "rev-parse", "HEAD")).isEqualTo(before);
    }

    @Test
    void whatCannotBePushedIsCommittedAndPushedLater() throws Exception {
        SharedRemote remote = SharedRemote.in(temporary);
        CommittedSink<Row> sink = files(remote.mine()).committedTo(SharedRemote.git(remote.mine()));
        Path away = Files.move(remote.bare(), temporary.resolve("away"));

        Report report = RealGit.impatient(
                times -> {},
                () -> job(progress, year(), files(remote.mine()).committedTo(SharedRemote.git(remote.mine())))
                        .run());

        assertThat(report.complete()).isTrue();
        assertThat(SharedRemote.git(remote.mine()).unpushed()).isEqualTo(2);
        Files.move(away, remote.bare());
        assertThat(remote.pushed()).containsExactly("begin");

        assertThat(sink.settle()).isZero();

        assertThat(remote.pushed()).containsExactly("begin", "data: 2020-01", "data: 2020-02");
        assertThat(SharedRemote.git(remote.mine()).unpushed()).isZero();
    }

    @Test
    void settlingSaysThatTheRemoteIsAway() throws Exception {
        SharedRemote remote = SharedRemote.in(temporary);
        job(progress, year(), files(remote.mine())).run();
        Files.move(remote.bare(), temporary.resolve("away"));
        CommittedSink<Row> sink =
                RealGit.impatient(times -> {}, () -> files(remote.mine()).committedTo(SharedRemote.git(remote.mine())));

        assertThatThrownBy(sink::settle).isInstanceOfAny(TransientException.class, IllegalStateException.class);

        assertThat(log(remote.mine())).containsExactly("begin", "data: 2020-01", "data: 2020-02");
    }

    /** The process died between the file and its commit, and its progress is lost. */
    @Test
    void whatWasLeftUncommittedIsSettled() throws Exception {
        SharedRemote remote = SharedRemote.in(temporary);
        Path mine = remote.mine();
        job(progress, year(), files(mine)).run();
        Path second = mine.resolve("data/2020-02.csv");
        Files.writeString(second, Files.readString(second) + "9,half");

        assertThat(files(mine).committedTo(SharedRemote.git(mine)).settle()).isEqualTo(1);

        assertThat(remote.pushed()).containsExactly("begin", "data: 2020-01");
        assertThat(committed(mine, "HEAD")).containsExactly("data/2020-01.csv", "data/2020-01.csv.manifest.json");
        assertThat(files(mine).committedTo(SharedRemote.git(mine)).settle()).isZero();
    }

    @Test
    void furtherFilesAreCommittedWithAMonth() throws Exception {
        Path repository = RealGit.repository(temporary.resolve("repository"));
        CommittedSink<Row> sink = files(repository).committedTo(git(repository)).with(month -> {
            Path session = repository.resolve("session.json");
            try {
                Files.writeString(session, month);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return List.of(session);
        });

        job(progress, year(), sink).run();

        assertThat(committed(repository, "HEAD~"))
                .containsExactly("data/2020-01.csv", "data/2020-01.csv.manifest.json", "session.json");
        assertThat(RealGit.run(repository, "show", "HEAD~:session.json")).isEqualTo("2020-01");
        assertThat(RealGit.run(repository, "show", "HEAD:session.json")).isEqualTo("2020-02");
    }

    @Test
    void aPartialFileThatWasCommittedGoesWithItsMonth() throws Exception {
        Path repository = RealGit.repository(temporary.resolve("repository"));
        CommittedSink<Row> sink = files(repository).committedTo(git(repository));
        Source<Row> broken = from -> {
            if (!from.isStart()) {
                throw new IllegalStateException("the site is broken");
            }
            return rows(1, 4).read(from);
        };
        assertThatThrownBy(() -> job(progress, months(Partition.of("2020-01", broken)), sink)
                        .run())
                .hasMessageContaining("the site is broken");
        Path partial = files(repository).partial("2020-01").orElseThrow();
        git(repository).commit("what there is", List.of(partial));
        assertThat(committed(repository, "HEAD")).containsExactly("data/2020-01.csv.partial");

        job(progress, months(Partition.of("2020-01", rows(1, 4))), sink).run();

        assertThat(RealGit.lines(repository, "show", "--no-renames", "--name-status", "--format=", "HEAD"))
                .containsExactlyInAnyOrder(
                        "A\tdata/2020-01.csv", "A\tdata/2020-01.csv.manifest.json", "D\tdata/2020-01.csv.partial");
        assertThat(RealGit.run(repository, "status", "--porcelain")).isEmpty();
    }

    @Test
    void whatIsReplayedIsCommitted() throws Exception {
        Path repository = RealGit.repository(temporary.resolve("repository"));
        AtomicReference<Row> second = new AtomicReference<>(new Row(2, "half \uD83D"));
        Partitioned<Row> month =
                months(Partition.of("2020-01", from -> Page.last(List.of(new Row(1, "a"), second.get()))));
        var job = job(progress, month, files(repository).committedTo(git(repository)));
        job.run();
        second.set(new Row(2, "b"));

        job.replay();

        assertThat(log(repository)).containsExactly("begin", "data: 2020-01", "data: 2020-01");
        assertThat(RealGit.run(repository, "show", "HEAD:data/2020-01.csv")).isEqualTo("number,text\n1,a\n2,b");
    }
}
