package dev.backfill.files;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of one path between two trees, as git's raw differences tell it.
 *
 * @param before mode and hash of what was there; a mode of zeros for nothing
 * @param after mode and hash of what is there now
 * @param path its bytes, each as a character
 */
record Change(String before, String after, String path) {

    private static final String NOTHING = "000000 ";

    /** Reads {@code :mode mode hash hash status NUL path NUL}, once for each path. */
    static List<Change> read(String raw) {
        List<Change> changes = new ArrayList<>();
        String[] parts = raw.split("\0", -1);
        for (int i = 0; i + 1 < parts.length; i += 2) {
            String[] words = parts[i].substring(1).split(" ", -1);
            changes.add(new Change(words[0] + " " + words[2], words[1] + " " + words[3], parts[i + 1]));
        }
        return changes;
    }

    boolean adds() {
        return before.startsWith(NOTHING);
    }

    boolean removes() {
        return after.startsWith(NOTHING);
    }

    /** The hash of what was there. */
    String blobBefore() {
        return before.substring(NOTHING.length());
    }

    /** The change as git's index takes it. */
    String indexed() {
        return after + "\t" + path + "\0";
    }
}
