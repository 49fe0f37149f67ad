package dev.backfill.files;

import java.util.List;

/**
 * How the bytes of a file become records.
 *
 * @param <T> the type of the records
 */
interface Reader<T> {

    /** The end of the names of such files, without a dot. */
    String extension();

    /** Whether a file begins with something that is no record. */
    boolean hasHead();

    /**
     * Where what begins at that place ends.
     *
     * @param last whether nothing comes behind these bytes
     * @return the place behind its end; -1 if it does not end here
     */
    int end(byte[] bytes, int from, boolean last);

    /**
     * The records in some text that ends with one.
     *
     * @param head the first line of the file, if it has a head
     * @param number of the first of them in the file, for messages
     * @throws IllegalArgumentException if it cannot be read; the message says where and why
     */
    List<T> records(String head, String text, long number);

    /** What files of this kind are read as, for the definition of a job. */
    String definition();
}
