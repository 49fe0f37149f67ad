package dev.backfill.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Files by the names that git has for them. */
record WorkTreePath(GitCommands git) {

    /**
     * The path from the top of the work tree, with slashes, of a file that may no longer exist. Links on the way are followed, a link at its
     * end is not.
     *
     * @throws IllegalArgumentException if it is not in the work tree, or in git's own folder
     */
    String of(Path file) throws IOException {
        Path whole = file.toAbsolutePath();
        Path parent = whole.getParent();
        Path real = parent == null ? whole : real(parent).resolve(whole.getFileName());
        boolean inside = real.startsWith(git.workTree())
                && !real.equals(git.workTree())
                && !real.startsWith(git.own().resolveSibling(""));
        if (!inside) {
            throw new IllegalArgumentException(
                    "'" + Program.shown(file.toString()) + "' is not a file of the work tree " + git.workTree());
        }
        return StreamSupport.stream(git.workTree().relativize(real).spliterator(), false)
                .map(Path::toString)
                .peek(part -> {
                    if (part.equalsIgnoreCase(".git") || part.equals("..") || part.equals(".")) {
                        throw new IllegalArgumentException("'" + Program.shown(file.toString())
                                + "' is in a folder of git's own, or not told straight");
                    }
                })
                .collect(Collectors.joining("/"));
    }

    /** The real path of a folder; of one that is gone, that of what is left of it and the rest as it is called. */
    private Path real(Path folder) throws IOException {
        Path above = folder.getParent();
        if (above == null || git.ports().disk().exists(folder)) {
            return folder.toRealPath();
        }
        return real(above).resolve(folder.getFileName());
    }
}
