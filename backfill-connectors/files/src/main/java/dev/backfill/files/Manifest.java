package dev.backfill.files;

/**
 * What is known of a file that was written whole; kept beside it.
 *
 * @param partition the name of the partition whose records it holds
 * @param file the name of the file, without its folder
 * @param rows how many records
 * @param bytes its length
 * @param sha256 the hash of its bytes, in hexadecimal digits
 * @param open whether the partition still grew when this was written, so that the file is not all of it
 */
public record Manifest(String partition, String file, long rows, long bytes, String sha256, boolean open) {}
