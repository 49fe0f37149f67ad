package dev.backfill.files;

import dev.backfill.TransientException;
import dev.backfill.files.Program.Outcome;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The commands of git on one repository, each so that nothing of the repository or of the environment is run or gets in between.
 *
 * @param workTree its files, as a real path
 * @param gitDir its own folder; null while it is looked for
 * @param environment what is added to the cleaned environment of each command
 * @param limit the longest that one command may take
 */
record GitCommands(Path workTree, @Nullable Path gitDir, Map<String, String> environment, Duration limit, Ports ports) {

    /** What a host may say to git by its environment. All else could lead it to other repositories, or have it write to a log. */
    private static final Set<String> KEPT = Set.of(
            "GIT_AUTHOR_NAME",
            "GIT_AUTHOR_EMAIL",
            "GIT_COMMITTER_NAME",
            "GIT_COMMITTER_EMAIL",
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_SYSTEM",
            "GIT_CONFIG_NOSYSTEM",
            "GIT_ASKPASS",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_SSH_VARIANT",
            "GIT_SSL_CAINFO",
            "GIT_SSL_CAPATH",
            "GIT_SSL_CERT",
            "GIT_SSL_KEY");

    /** No pathspec is more than a path; no hook, monitor, signature or conversion that the repository asks for; no work on the side. */
    private static final List<String> GIT = List.of(
            "git",
            "--literal-pathspecs",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.autocrlf=false",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "push.gpgsign=false",
            "-c",
            "submodule.recurse=false",
            "-c",
            "i18n.commitEncoding=UTF-8",
            "-c",
            "user.useConfigOnly=true",
            "-c",
            "gc.auto=0");

    private static final Pattern LOCKED = Pattern.compile("'([^']*\\.lock)': File exists");
    private static final int ATTEMPTS = 10;

    /** The same, told more by the environment. */
    GitCommands with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(more);
        return new GitCommands(workTree, gitDir, Map.copyOf(all), limit, ports);
    }

    GitCommands within(Duration longest) {
        return new GitCommands(workTree, gitDir, environment, longest, ports);
    }

    /** The folder inside of git's own in which this library keeps what it needs for a moment. */
    Path own() {
        if (gitDir == null) {
            throw new IllegalStateException("the repository is not known yet");
        }
        return gitDir.resolve("backfill");
    }

    /** A name inside of it that nobody else uses. */
    Path scratch() {
        return own().resolve(Long.toHexString(
                        Double.doubleToLongBits(ports.time().random()))
                + Long.toHexString(Double.doubleToLongBits(ports.time().random())));
    }

    /** The only line that a command says. */
    String line(String... arguments) throws IOException, InterruptedException {
        String text = done("", arguments).text();
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** The commit that is checked out; empty before the first. */
    Optional<String> head() throws IOException, InterruptedException {
        Outcome outcome = call("", "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
        return outcome.succeeded() ? Optional.of(outcome.text().strip()) : Optional.empty();
    }

    /** The tree without files, by which a first commit is compared with what was before. */
    String emptyTree() throws IOException, InterruptedException {
        return line("hash-object", "-t", "tree", "--stdin");
    }

    /** Runs a command that must succeed. */
    Outcome done(String input, String... arguments) throws IOException, InterruptedException {
        Outcome outcome = call(input, arguments);
        if (!outcome.succeeded()) {
            throw new IllegalStateException("git " + arguments[0] + " failed in " + workTree + ": " + outcome.errors());
        }
        return outcome;
    }

    /**
     * Runs a command. One that finds a lock of another process runs again, ever later.
     *
     * @param input its bytes, each as a character; an empty one is none
     * @throws TransientException if a lock stays, or the command does not end in time
     */
    Outcome call(String input, String... arguments) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Outcome outcome = once(input, arguments);
            if (outcome.late()) {
                throw new TransientException("git " + arguments[0] + " did not end within " + limit.toMillis()
                        + " ms in " + workTree + ", and was ended by force");
            }
            boolean locked = !outcome.succeeded()
                    && (outcome.errors().contains(".lock': File exists")
                            || outcome.errors().contains("cannot lock ref 'HEAD'"));
            if (!locked) {
                return outcome;
            }
            if (attempt == ATTEMPTS) {
                Matcher file = LOCKED.matcher(outcome.errors());
                throw new TransientException(
                        file.find()
                                ? "another process of git is at work: " + file.group(1)
                                        + " is there and stays. If none runs, it was left by one that was killed;"
                                        + " remove the file"
                                : "another process moves what git " + arguments[0] + " needs: " + outcome.errors());
            }
            pause(attempt);
        }
    }

    /** Waits ever longer, and not as long as others who wait for the same. */
    void pause(int attempt) throws InterruptedException {
        long bound = Duration.ofMillis(50).toNanos() << Math.min(attempt, 6);
        ports.time().sleep(bound / 4 + (long) (ports.time().random() * bound));
    }

    private Outcome once(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(GIT);
        if (gitDir != null) {
            command.add("--git-dir=" + gitDir);
            command.add("--work-tree=" + workTree);
        }
        command.addAll(List.of(arguments));
        if (input.isEmpty()) {
            return run(command, null);
        }
        Path file = scratch(); // not a pipe: a program that does not read would stop the one who writes
        try (Disk.Writing writing = ports.disk().create(file)) {
            writing.write(input.getBytes(StandardCharsets.ISO_8859_1));
        }
        try {
            return run(command, file);
        } finally {
            ports.disk().delete(file);
        }
    }

    private Outcome run(List<String> command, @Nullable Path input) throws IOException, InterruptedException {
        try {
            return Program.run(command, workTree, cleaned(), input, limit, ports.time());
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("error=2,")) {
                throw new IllegalStateException("there is no program git on the PATH; install it", e);
            }
            throw e;
        }
    }

    private Map<String, String> cleaned() {
        Map<String, String> cleaned = new HashMap<>(System.getenv());
        cleaned.keySet()
                .removeIf(name -> name.toUpperCase(Locale.ROOT).startsWith("GIT_")
                        && !KEPT.contains(name.toUpperCase(Locale.ROOT)));
        cleaned.putAll(Map.of("GIT_TERMINAL_PROMPT", "0", "GIT_OPTIONAL_LOCKS", "0", "LC_ALL", "C"));
        cleaned.putAll(environment);
        return cleaned;
    }
}
