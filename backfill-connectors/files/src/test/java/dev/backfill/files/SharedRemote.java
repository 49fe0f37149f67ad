package dev.backfill.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A remote with one commit, to which others push.
 *
 * @param temporary where the clones of the others lie
 * @param mine a clone of it
 */
record SharedRemote(Path temporary, Path bare, Path mine) {

    static SharedRemote in(Path temporary) throws Exception {
        Path bare = RealGit.bare(temporary.resolve("bare"));
        Path first = RealGit.repository(temporary.resolve("first"));
        RealGit.run(first, "push", "-q", bare.toString(), "main");
        return new SharedRemote(temporary, bare, RealGit.clone(bare, temporary.resolve("mine")));
    }

    static Git git(Path folder) throws Exception {
        return Git.at(folder).as("Backfill", "backfill@example.org").pushingTo("origin");
    }

    /** Somebody else's commit, pushed by a clone of its own. */
    void others(String name, String text) throws Exception {
        Path clone = RealGit.clone(bare, Files.createTempDirectory(temporary, "other"));
        RealGit.file(clone, name, text);
        RealGit.run(clone, "add", "--all", "--force");
        RealGit.run(clone, "commit", "-q", "-m", "others: " + name);
        RealGit.run(clone, "push", "-q", "origin", "main");
    }

    /** The subjects of what has arrived, the oldest first. */
    List<String> pushed() throws Exception {
        return RealGit.lines(bare, "log", "--reverse", "--format=%s", "main");
    }
}
