package dev.backfill.files;

import dev.backfill.files.Program.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** One commit of some files and nothing else. */
final class Committing {

    private final GitCommands git;

    Committing(GitCommands git) {
        this.git = git;
    }

    /**
     * Commits what has changed of them.
     *
     * @param names their paths in the work tree, none twice
     * @return whether anything had
     */
    boolean commit(String message, List<String> names) throws IOException, InterruptedException {
        refuseIgnored(names);
        String input = String.join("\0", names) + "\0";
        git.done(bytes(input, false), "update-index", "--add", "--remove", "-z", "--stdin");
        List<String> changed = changed(names);
        if (changed.isEmpty()) {
            return false;
        }
        Outcome commit = git.call(
                bytes(message, true),
                with(
                        changed,
                        "commit",
                        "--only",
                        "--no-verify",
                        "--no-gpg-sign",
                        "--quiet",
                        "--cleanup=whitespace",
                        "-F",
                        "-",
                        "--"));
        if (commit.errors().contains("auto-detection is disabled")
                || commit.errors().contains("empty ident name")) {
            throw new IllegalStateException("git does not know whose commits these are: say .as(name, mail), or set"
                    + " user.name and user.email by git config");
        }
        if (!commit.succeeded()) {
            throw new IllegalStateException("git commit failed in " + git.workTree() + ": " + commit.errors());
        }
        return true;
    }

    private void refuseIgnored(List<String> names) throws IOException, InterruptedException {
        List<String> ignored =
                split(git.done("", with(names, "ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--"))
                        .text());
        if (!ignored.isEmpty()) {
            throw new IllegalStateException(
                    "'" + Program.shown(ignored.get(0)) + "' is not committed, since a .gitignore" + " of "
                            + git.workTree() + " excludes it; take it out of there, or choose another folder");
        }
    }

    /** Those that are other than in the last commit. */
    private List<String> changed(List<String> names) throws IOException, InterruptedException {
        String last = git.head().isPresent() ? "HEAD" : git.emptyTree();
        Set<String> changed = new HashSet<>(
                split(git.done("", "diff-index", "--cached", "--name-only", "--no-renames", "-z", last, "--")
                        .text()));
        return names.stream().filter(changed::contains).toList();
    }

    private static List<String> split(String text) {
        return Stream.of(text.split("\0", -1)).filter(name -> !name.isEmpty()).toList();
    }

    private static String[] with(List<String> names, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(names);
        return all.toArray(new String[0]);
    }

    /** A text's bytes, each as a character: a message as UTF-8, names as the machine writes them. */
    private static String bytes(String text, boolean utf8) {
        return new String(text.getBytes(utf8 ? StandardCharsets.UTF_8 : Program.NATIVE), StandardCharsets.ISO_8859_1);
    }
}
