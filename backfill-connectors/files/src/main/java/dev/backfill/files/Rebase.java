package dev.backfill.files;

import dev.backfill.files.Program.Outcome;
import dev.backfill.internal.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Puts the commits that others lack on top of theirs.
 *
 * <p>The commits are made again beside the work tree, where other partitions go on writing their files, and only then the branch moves:
 * a note of the move, the files of the others into work tree and index, the branch, the note away. Whoever is killed in between leaves a
 * repository as it was, or a note by which the next finishes the move. The same commits on the same ones give the same hashes, so it
 * does no harm to begin anew.
 */
final class Rebase {

    /** The file that tells of a move that has begun: from which commit to which. */
    static final String NOTE = "move";

    /** How the mode of a file begins that is neither a link nor a module. */
    private static final String FILE = "100";

    private static final int LONGEST_CUT = 32 << 20;

    private final GitCommands git;

    Rebase(GitCommands git) {
        this.git = git;
    }

    /**
     * Finishes the move that a process has left when it was killed, unless somebody has gone elsewhere since.
     *
     * @param own files that were written after it, which are never taken for ones that git had begun to write
     */
    void mend(Set<String> own) throws IOException, InterruptedException {
        Path note = git.own().resolve(NOTE);
        if (!git.ports().disk().exists(note)) {
            return;
        }
        String[] move = new String(git.ports().disk().read(note), StandardCharsets.US_ASCII).split(" ", -1);
        if (move.length == 2 && git.head().equals(Optional.of(move[0]))) {
            // if it is refused: the next rebase says it, with what is new by then
            String ignored = move(move[0], move[1], Optional.of(own));
        }
        git.ports().disk().delete(note);
    }

    /**
     * Does it.
     *
     * @param upstream the commit of the others
     * @param name what a person calls it
     * @throws IllegalStateException if both have changed a path, or one of the others' lies where something else lies here; nothing has
     *     moved then
     */
    void onto(String upstream, String name) throws IOException, InterruptedException {
        String head = git.line("rev-parse", "HEAD");
        String moved = rewritten(head, upstream, name);
        write(git.own().resolve(NOTE), head + " " + moved);
        String refused = move(head, moved, Optional.empty());
        git.ports().disk().delete(git.own().resolve(NOTE));
        if (!refused.isEmpty()) {
            throw new IllegalStateException("what " + name + " brings does not go into " + git.workTree() + ": "
                    + refused + ". Move these files away, or commit them, and push again");
        }
    }

    private void write(Path note, String text) throws IOException {
        Path written = git.scratch();
        try (Disk.Writing writing = git.ports().disk().create(written)) {
            writing.write(text.getBytes(StandardCharsets.US_ASCII));
            writing.sync();
        }
        git.ports().disk().rename(written, note);
    }

    /** Makes our commits again on top of the upstream; the last of them. */
    private String rewritten(String head, String upstream, String name) throws IOException, InterruptedException {
        Outcome common = git.call("", "merge-base", head, upstream);
        String base = common.succeeded() ? common.text().strip() : git.emptyTree();
        NavigableMap<String, Change> theirs = new TreeMap<>(
                between(base, upstream).stream().collect(Collectors.toMap(Change::path, change -> change)));
        Path file = git.scratch();
        GitCommands index = git.with(Map.of("GIT_INDEX_FILE", file.toString()));
        try {
            index.done("", "read-tree", upstream);
            String parent = upstream;
            String tree = git.line("rev-parse", upstream + "^{tree}");
            for (String line : ours(head, upstream)) {
                String[] commit = line.split(" ", -1);
                if (commit.length > 2) {
                    throw new IllegalStateException(
                            "the commit " + commit[0] + " is a merge, which is not put on top of " + name
                                    + " by itself. Do it by hand: git pull, then git push");
                }
                List<Change> changes = Change.read(
                        git.done("", "diff-tree", "-r", "-z", "--no-renames", "--no-commit-id", "--root", commit[0])
                                .raw());
                String lacking = lacking(changes, theirs, name);
                if (!lacking.isEmpty()) {
                    index.done(lacking, "update-index", "-z", "--index-info");
                } else if (!changes.isEmpty()) {
                    continue; // they have all of it
                }
                tree = lacking.isEmpty() ? tree : index.line("write-tree");
                parent = copied(commit[0], tree, parent);
            }
            return parent;
        } finally {
            git.ports().disk().delete(file);
        }
    }

    private List<Change> between(String before, String after) throws IOException, InterruptedException {
        return Change.read(git.done("", "diff-tree", "-r", "-z", "--no-renames", before, after)
                .raw());
    }

    /** The commits that only we have, each with its parents, the oldest first. */
    private List<String> ours(String head, String upstream) throws IOException, InterruptedException {
        return git.done("", "rev-list", "--reverse", "--topo-order", "--parents", head, "^" + upstream)
                .text()
                .lines()
                .toList();
    }

    /** What the others lack of these changes, as git's index takes it. */
    private static String lacking(List<Change> changes, NavigableMap<String, Change> theirs, String name) {
        StringBuilder lacking = new StringBuilder();
        for (Change change : changes) {
            Change other = theirs.get(change.path());
            if (other != null && other.after().equals(change.after())) {
                continue;
            }
            if (other == null ? inTheWay(change, theirs) : !other.after().equals(change.before())) {
                throw new IllegalStateException("'" + shown(change.path()) + "' was changed here and on " + name
                        + ", each in its own way. Merge by hand: git pull, then git push");
            }
            theirs.remove(change.path());
            lacking.append(change.indexed());
        }
        return lacking.toString();
    }

    /** Whether one has a folder where the other has a file. */
    private static boolean inTheWay(Change change, NavigableMap<String, Change> theirs) {
        String path = change.path();
        if (change.removes()) {
            return false;
        }
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            Change above = theirs.get(path.substring(0, slash));
            if (above != null && !above.removes()) {
                return true;
            }
        }
        return theirs.tailMap(path + "/").values().stream()
                .takeWhile(other -> other.path().startsWith(path + "/"))
                .anyMatch(other -> !other.removes());
    }

    /** The commit with another tree and parent, all else by the byte; without its signature, which would no longer be right. */
    private String copied(String commit, String tree, String parent) throws IOException, InterruptedException {
        String object = git.done("", "cat-file", "commit", commit).raw();
        int end = object.indexOf("\n\n");
        String kept = object.substring(0, end)
                .lines()
                .filter(line ->
                        line.startsWith("author ") || line.startsWith("committer ") || line.startsWith("encoding "))
                .collect(Collectors.joining("\n"));
        String copy = "tree " + tree + "\nparent " + parent + "\n" + kept + object.substring(end);
        return git.done(copy, "hash-object", "-t", "commit", "-w", "--stdin")
                .text()
                .strip();
    }

    /**
     * Brings the difference into the work tree and the index, of which all else stays as it is, and moves the branch. May be done again.
     *
     * @param own if a process may have been killed in the middle of it: the files that are the caller's, whatever they look like
     * @return why not, if something lies in the way; empty when it is done
     */
    private String move(String from, String to, Optional<Set<String>> own) throws IOException, InterruptedException {
        String refused = adopt(between(from, to), own);
        if (refused.isEmpty()) {
            Outcome ignored = git.call("", "update-index", "--refresh"); // fails for files that have changed
            Outcome read = git.call("", "read-tree", "-m", "-u", from, to);
            refused = read.succeeded() ? "" : read.errors();
        }
        if (refused.isEmpty()) {
            git.done("", "update-ref", "-m", "backfill: moved on top of what others have pushed", "HEAD", to, from);
        }
        return refused;
    }

    /**
     * Tells the index of files that lie there already as they shall be, since git would not write over them; some of them may be of a move
     * that was killed.
     *
     * @return what lies there otherwise and is not known to git, which would write over it where it is told to ignore it
     */
    private String adopt(List<Change> changes, Optional<Set<String>> own) throws IOException, InterruptedException {
        String wanted = changes.stream()
                .filter(change -> !change.removes())
                .map(Change::indexed)
                .collect(Collectors.joining());
        if (wanted.isEmpty()) {
            return "";
        }
        Path file = git.scratch();
        Set<String> absent = new HashSet<>();
        Set<String> different = new HashSet<>();
        List<Change> cut = new ArrayList<>();
        try {
            GitCommands index = git.with(Map.of("GIT_INDEX_FILE", file.toString()));
            index.done(wanted, "update-index", "-z", "--index-info");
            Outcome ignored = index.call("", "update-index", "--refresh");
            for (Change found : Change.read(index.done("", "diff-files", "-z").raw())) {
                if (found.removes() && !git.ports().disk().exists(path(found))) {
                    absent.add(found.path());
                } else if (own.isPresent() && !own.get().contains(named(found.path())) && cut(found, changes)) {
                    cut.add(found);
                } else {
                    different.add(found.path());
                }
            }
        } finally {
            git.ports().disk().delete(file);
        }
        for (Change change : changes) {
            if (change.adds() && different.contains(change.path())) {
                return "'" + shown(change.path()) + "' lies there with other content";
            }
        }
        for (Change found : cut) {
            git.ports().disk().delete(path(found));
            absent.add(found.path());
        }
        StringBuilder same = new StringBuilder();
        for (Change change : changes) {
            if (!change.removes() && !different.contains(change.path()) && !absent.contains(change.path())) {
                same.append(change.indexed());
            }
        }
        if (!same.isEmpty()) {
            git.done(same.toString(), "update-index", "-z", "--index-info");
        }
        return "";
    }

    /** Whether a file has only the beginning of what it shall have, as git leaves it if it is killed while it writes the file. */
    private boolean cut(Change found, List<Change> changes) throws IOException, InterruptedException {
        if (!found.before().startsWith(FILE) || !found.after().startsWith(FILE)) {
            return false;
        }
        String as = "--path=" + named(found.path());
        String hash = git.line("hash-object", as, path(found).toString());
        if (changes.stream()
                .anyMatch(change -> change.path().equals(found.path())
                        && change.blobBefore().equals(hash))) {
            return false; // it is as it was before the move, and git has not come to it
        }
        long size = git.ports().disk().size(path(found));
        if (size == 0
                || size > LONGEST_CUT
                || Long.parseLong(git.line("cat-file", "-s", found.blobBefore())) > LONGEST_CUT) {
            return size == 0;
        }
        Outcome content = git.call("", "cat-file", "--filters", as, found.blobBefore());
        if (!content.succeeded()) {
            return false;
        }
        byte[] whole = content.raw().getBytes(StandardCharsets.ISO_8859_1);
        byte[] there = git.ports().disk().read(path(found));
        return there.length < whole.length && Arrays.equals(there, 0, there.length, whole, 0, there.length);
    }

    private Path path(Change change) {
        return git.workTree().resolve(named(change.path()));
    }

    private static String named(String path) {
        return new String(path.getBytes(StandardCharsets.ISO_8859_1), Program.NATIVE);
    }

    private static String shown(String path) {
        return Program.shown(named(path));
    }
}
