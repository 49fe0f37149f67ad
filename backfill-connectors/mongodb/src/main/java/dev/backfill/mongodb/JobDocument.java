package dev.backfill.mongodb;

import dev.backfill.BackfillException;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * What a job's own document says.
 *
 * @param run the number of the last run that had the job
 * @param raised the last run that has put its fence into everything that was kept then; nothing with a lower one counts
 * @param number the last number that was drawn
 * @param pass the pass whose bookmarks and dead letters count
 * @param batch the last bookmarks that were added; they count though they are not marked as settled yet
 * @param parts how many bookmarks count
 * @param holder who has the job, for a person; null if it is free
 * @param process the holder, for this machine; null if it does not tell
 * @param claim tells this claim from all others
 * @param since when the holder took it, by the server's clock
 * @param seen when the holder last gave a sign of life, by the server's clock
 * @param lease for how many milliseconds from then the job is the holder's
 */
record JobDocument(
        long run,
        long raised,
        long number,
        long pass,
        long batch,
        long parts,
        @Nullable String definition,
        @Nullable String holder,
        @Nullable String process,
        @Nullable String claim,
        long since,
        long seen,
        long lease) {

    /**
     * Reads it.
     *
     * @throws BackfillException.Damaged if it makes no sense, or is of a newer version
     */
    static JobDocument of(String job, BsonDocument document) {
        try {
            long format = Progress.number(document, "format");
            if (format > Progress.FORMAT) {
                throw new BackfillException.Damaged("the progress of '" + job + "' has format " + format
                        + ", and this version reads up to " + Progress.FORMAT
                        + "; use the version that wrote it, or a newer one");
            }
            JobDocument read = new JobDocument(
                    Progress.number(document, "run"),
                    Progress.number(document, "raised"),
                    Progress.number(document, "number"),
                    Progress.number(document, "pass"),
                    Progress.number(document, "batch"),
                    Progress.number(document, "parts"),
                    Progress.textOrNull(document, "definition"),
                    Progress.textOrNull(document, "holder"),
                    Progress.textOrNull(document, "process"),
                    Progress.textOrNull(document, "claim"),
                    Progress.time(document, "since"),
                    Progress.time(document, "seen"),
                    Progress.number(document, "lease"));
            if (format < 1
                    || read.run < 0
                    || read.raised < 0
                    || read.raised > read.run
                    || read.pass < 0
                    || read.pass > read.number
                    || read.batch < 0
                    || read.batch > read.number
                    || read.parts < 0
                    || read.lease < 0) {
                throw new IllegalArgumentException("its numbers do not fit together");
            }
            return read;
        } catch (IllegalArgumentException e) {
            throw Progress.damaged(job, "the job's document: " + e.getMessage());
        }
    }
}
