package dev.backfill.files;

import dev.backfill.files.Program.Outcome;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A git repository into which files are committed as they are finished, and pushed if that is wanted.
 *
 * <pre>{@code
 * Git git = Git.at(folder).as("Backfill", "backfill@example.org").pushingTo("origin");
 * git.commit("data: sold listings of 2020-01", List.of(csv, manifest));
 * }</pre>
 *
 * <p>Only the files that are named are committed, whatever else is staged or has changed; that stays as it is. Of the repository nothing
 * is run: no hooks, no monitor, no signing. The program {@code git} does the work, 2.30 or newer, with its own configuration for
 * credentials, remotes and filters such as LFS; it never asks anything.
 *
 * <p>Immutable. Every method blocks. Safe for several threads and processes: they take turns on one repository; and who works on a clone of
 * his own puts his commits on top of those of others when he pushes.
 *
 * <p>A method throws {@link IOException} or {@link dev.backfill.TransientException} for what may pass by itself, and
 * {@link IllegalStateException} for what a person must mend, with what to do. No message has a password of a remote's address.
 */
public final class Git {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final GitCommands commands;
    private final Turns turns;
    private final Optional<String> remote;

    private Git(GitCommands commands, Turns turns, Optional<String> remote) {
        this.commands = commands;
        this.turns = turns;
        this.remote = remote;
    }

    /**
     * The repository of a folder: one in its work tree, or the uppermost of it.
     *
     * @throws IllegalStateException if there is none, or git does not trust it
     */
    public static Git at(Path folder) throws IOException, InterruptedException {
        Ports ports = Ports.current();
        if (!ports.disk().exists(folder)) {
            throw new IllegalStateException("there is no folder " + folder + ", so no repository of git is in it");
        }
        GitCommands looking = new GitCommands(folder.toRealPath(), null, Map.of(), LIMIT, ports);
        Outcome inside = looking.call("", "rev-parse", "--is-inside-work-tree");
        if (!inside.succeeded() || !inside.text().strip().equals("true")) {
            throw new IllegalStateException(
                    folder + " is in no work tree of git; git init makes one. " + inside.errors());
        }
        return new Git(found(looking), new Turns(), Optional.empty());
    }

    /** The repository of this very folder, which is made with a branch {@code main} unless it is there, as is the folder. */
    public static Git init(Path folder) throws IOException, InterruptedException {
        Ports ports = Ports.current();
        if (!ports.disk().exists(folder)) {
            ports.disk().folder(folder);
        }
        GitCommands looking = new GitCommands(folder.toRealPath(), null, Map.of(), LIMIT, ports);
        Outcome top = looking.call("", "rev-parse", "--show-cdup");
        boolean there = top.succeeded() && top.text().strip().isEmpty();
        if (!there) { // none, or one around it, which is another
            looking.done("", "init", "--quiet", "--initial-branch=main");
        }
        return at(folder);
    }

    private static GitCommands found(GitCommands looking) throws IOException, InterruptedException {
        Path top = looking.workTree()
                .resolve(looking.line("rev-parse", "--show-cdup"))
                .toRealPath();
        Path own = Path.of(looking.line("rev-parse", "--absolute-git-dir")).toRealPath();
        return new GitCommands(top, own, looking.environment(), looking.limit(), looking.ports());
    }

    /**
     * Whose commits they are. Without it git's own configuration says so, by {@code user.name} and {@code user.email}.
     *
     * @throws IllegalArgumentException if one is blank or has a character that git does not take
     */
    public Git as(String name, String mail) {
        for (String part : List.of(name, mail)) {
            if (part.isBlank() || part.chars().anyMatch(c -> c == '<' || c == '>' || c < ' ')) {
                throw new IllegalArgumentException("a name and an address are neither blank nor have < or > inside: '"
                        + Program.shown(part) + "'");
            }
        }
        return new Git(
                commands.with(Map.of(
                        "GIT_AUTHOR_NAME", name,
                        "GIT_AUTHOR_EMAIL", mail,
                        "GIT_COMMITTER_NAME", name,
                        "GIT_COMMITTER_EMAIL", mail)),
                turns,
                remote);
    }

    /**
     * Pushes with each {@link #commit}, to the branch of the same name as the one that is checked out.
     *
     * @param name the name of a remote of the repository, such as {@code origin}; not an address
     */
    public Git pushingTo(String name) {
        if (!name.matches("\\w[\\w./-]*")) {
            throw new IllegalArgumentException(
                    "a remote is called by its name, such as origin; git remote -v lists them");
        }
        return new Git(commands, turns, Optional.of(name));
    }

    /** The same without pushing. */
    Git here() {
        return new Git(commands, turns, Optional.empty());
    }

    boolean pushes() {
        return remote.isPresent();
    }

    /** The longest that one command of git may take before it is ended by force; two minutes if nothing is said. */
    public Git waiting(Duration longest) {
        if (longest.isNegative() || longest.isZero()) {
            throw new IllegalArgumentException("the time limit is not positive: " + longest);
        }
        return new Git(commands.within(longest), turns, remote);
    }

    /**
     * Commits these files as they are now, and pushes if that is wanted: also what an earlier commit could not push. May be called again
     * after a failure; what is committed then stays so.
     *
     * @param files in the work tree; one that no longer exists is committed as removed
     * @return whether there was a commit: false if none of the files has changed
     * @throws IllegalArgumentException if one lies outside of the work tree, or the message is blank
     * @throws IllegalStateException if a file is ignored by {@code .gitignore}, nobody is known whose commit it is, or the commit cannot
     *     be pushed since others have changed the same file
     * @throws dev.backfill.TransientException if a lock of git stays, or the remote cannot be reached; all is then committed, not pushed
     */
    public boolean commit(String message, Collection<Path> files) throws IOException, InterruptedException {
        if (message.isBlank() || message.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the message of a commit is blank or has a NUL");
        }
        TreeSet<String> names = new TreeSet<>();
        for (Path file : files) {
            names.add(new WorkTreePath(commands).of(file));
        }
        return turns.take(commands, () -> {
            new Rebase(commands).mend(names);
            boolean committed = !names.isEmpty() && new Committing(commands).commit(message, new ArrayList<>(names));
            pushWhatIsLeft();
            return committed;
        });
    }

    /**
     * How many commits are not at the remote, as far as is known here: asks nobody, and waits for nobody.
     *
     * @throws IllegalStateException if {@link #pushingTo} was not said
     */
    public long unpushed() throws IOException, InterruptedException {
        return pushing().left();
    }

    /**
     * Pushes what is committed and not pushed; does nothing if there is nothing.
     *
     * <p>If others have pushed meanwhile, our commits are put on top of theirs, and their files come into the work tree.
     *
     * @throws IllegalStateException if {@link #pushingTo} was not said, the remote takes no push, or both have changed one file; all stays
     *     committed here
     * @throws dev.backfill.TransientException if the remote cannot be reached; likewise
     */
    public void push() throws IOException, InterruptedException {
        pushing();
        turns.take(commands, () -> {
            new Rebase(commands).mend(Set.of());
            pushWhatIsLeft();
            return true;
        });
    }

    private void pushWhatIsLeft() throws IOException, InterruptedException {
        if (remote.isPresent() && pushing().left() > 0) {
            pushing().push();
        }
    }

    private Pushing pushing() {
        return new Pushing(
                commands,
                remote.orElseThrow(() -> new IllegalStateException("say where to push: git.pushingTo(\"origin\")")));
    }

    @Override
    public String toString() {
        return "git in " + commands.workTree();
    }
}
