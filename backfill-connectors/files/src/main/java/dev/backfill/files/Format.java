package dev.backfill.files;

import org.jspecify.annotations.Nullable;

/**
 * How records become the text of a file.
 *
 * @param <T> the type of the records
 */
interface Format<T> {

    /** The end of a file's name, without a dot. */
    String extension();

    /** What a file begins with, before its first record. */
    String head();

    /**
     * A record with the end of its line.
     *
     * @throws IllegalArgumentException if it cannot be written, with the reason
     */
    String row(T record);

    /** The same with text that no spreadsheet takes for a formula; null if no spreadsheet would read such files. */
    @Nullable
    Format<T> forSpreadsheets();

    /** What files of this format are, for the definition of a job. */
    String definition();
}
