package dev.backfill.files;

import dev.backfill.TransientException;
import dev.backfill.files.Program.Outcome;
import java.io.IOException;
import java.util.Locale;
import java.util.stream.Stream;

/** Sends the commits of a branch to the branch of the same name elsewhere; on top of those of others who were quicker. */
final class Pushing {

    private static final String STATE = "committed, not pushed: ";
    private static final int ATTEMPTS = 10;
    private static final int CONNECTIONS = 3;

    private final GitCommands git;
    private final String remote;

    Pushing(GitCommands git, String remote) {
        this.git = git;
        this.remote = remote;
    }

    /** How many commits are not there, as far as is known here. */
    long left() throws IOException, InterruptedException {
        if (git.head().isEmpty()) {
            return 0;
        }
        String known = known(branch());
        boolean seen = git.call("", "rev-parse", "--verify", "--quiet", known).succeeded();
        return Long.parseLong(
                seen
                        ? git.line("rev-list", "--count", "HEAD", "^" + known)
                        : git.line("rev-list", "--count", "HEAD", "--not", "--remotes=" + remote));
    }

    /** Pushes until it is there. */
    void push() throws IOException, InterruptedException {
        try {
            attempts();
        } catch (TransientException e) {
            throw new TransientException(STATE + e.getMessage(), e);
        } catch (IllegalStateException e) {
            throw new IllegalStateException(STATE + e.getMessage(), e);
        }
    }

    private void attempts() throws IOException, InterruptedException {
        if (git.line("remote").lines().noneMatch(remote::equals)) {
            throw new IllegalStateException(
                    "there is no remote '" + remote + "' in " + git.workTree() + "; git remote add makes it");
        }
        String branch = branch();
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            String commit = git.line("rev-parse", "HEAD");
            if (sent(commit, branch)) {
                git.done("", "update-ref", known(branch), commit);
                return;
            }
            git.pause(attempt);
            if (fetched(branch)) {
                new Rebase(git).onto(git.line("rev-parse", known(branch)), remote + "/" + branch);
            }
        }
        throw new TransientException("others pushed to " + remote + "/" + branch + " first, " + ATTEMPTS + " times");
    }

    /** Whether the remote has it now; not so if it has commits that we lack. */
    private boolean sent(String commit, String branch) throws IOException, InterruptedException {
        Outcome push = connected(
                "push",
                "--porcelain",
                "--no-verify",
                "--no-follow-tags",
                "--recurse-submodules=no",
                remote,
                commit + ":refs/heads/" + branch);
        String refusal = refusal(push);
        boolean behind = Stream.of(
                        "[rejected]",
                        "cannot lock ref",
                        "failed to update ref",
                        "failed to lock",
                        "incorrect old value")
                .anyMatch(refusal::contains);
        if (!refusal.isEmpty() && !behind) {
            throw new IllegalStateException(remote + " takes no push to " + branch + ": "
                    + Program.shown(refusal.substring(1)) + "; " + push.errors());
        }
        return push.succeeded();
    }

    /** What a remote that was reached said against the branch. */
    private static String refusal(Outcome push) {
        return push.text()
                .lines()
                .filter(line -> line.startsWith("!"))
                .findFirst()
                .orElse("");
    }

    private boolean fetched(String branch) throws IOException, InterruptedException {
        Outcome fetch = connected(
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-recurse-submodules",
                "--no-write-fetch-head",
                remote,
                "+refs/heads/" + branch + ":" + known(branch));
        return fetch.succeeded();
    }

    /** Runs a command that speaks with the remote; again, if it could not. */
    private Outcome connected(String... arguments) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Outcome outcome = git.call("", arguments);
            if (outcome.succeeded()
                    || !refusal(outcome).isEmpty()
                    || outcome.errors().contains("couldn't find remote ref")) {
                return outcome;
            }
            if (mendable(outcome.errors())) {
                throw new IllegalStateException(remote + " does not let us in, or is not there: " + outcome.errors());
            }
            if (attempt == CONNECTIONS) {
                throw new TransientException(remote + " could not be reached: " + outcome.errors());
            }
            git.pause(attempt + 3);
        }
    }

    /** Whether a person must do something about it. */
    private static boolean mendable(String errors) {
        String text = errors.toLowerCase(Locale.ROOT);
        return Stream.of(
                        "authentication failed",
                        "could not read username",
                        "could not read password",
                        "permission denied",
                        "returned error: 403",
                        "repository not found",
                        "does not appear to be a git repository",
                        "host key verification failed")
                .anyMatch(text::contains);
    }

    private String branch() throws IOException, InterruptedException {
        Outcome outcome = git.call("", "symbolic-ref", "--quiet", "--short", "HEAD");
        if (!outcome.succeeded()) {
            throw new IllegalStateException("no branch is checked out in " + git.workTree()
                    + ", so there is none to push; git switch takes one");
        }
        return outcome.text().strip();
    }

    /** Where git remembers what the remote had. */
    private String known(String branch) {
        return "refs/remotes/" + remote + "/" + branch;
    }
}
