package dev.backfill;

import java.util.List;

/**
 * What must be saved together: bookmarks, and the dead letters that they pass.
 *
 * @param bookmarks the places reached; at most one for a partition
 * @param deadLetters durable no later than the bookmarks; one for a record that is there already replaces it
 */
public record Save(List<Bookmark> bookmarks, List<DeadLetter> deadLetters) {

    /** Copies. */
    public Save {
        bookmarks = List.copyOf(bookmarks);
        deadLetters = List.copyOf(deadLetters);
    }
}
