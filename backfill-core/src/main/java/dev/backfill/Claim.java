package dev.backfill;

import java.util.List;
import java.util.Optional;

/**
 * One runner's hold on the progress of one job.
 *
 * <p>Every method may block, and may be called by several threads. When a method that saves returns, what it was given survives the
 * death of the process. When it throws, it may or may not have been saved, and the runner stops rather than goes on unsaved.
 */
public interface Claim extends AutoCloseable {

    /** The number of this run; larger than that of every earlier run of the job. */
    long run();

    /** The definition with which the job began, or empty if there is no progress yet. */
    Optional<String> definition();

    /** All bookmarks of the job. */
    List<Bookmark> load() throws Exception;

    /**
     * Begins the job anew: in one step forgets all bookmarks and dead letters and keeps these instead.
     *
     * @throws BackfillException.Lost if another runner has taken over
     */
    void begin(String definition, List<Bookmark> bookmarks) throws Exception;

    /** Keeps the progress under another definition. */
    void redefine(String definition) throws Exception;

    /**
     * Saves bookmarks and the dead letters that they pass, in this order of durability: letters first, or all at once.
     *
     * @throws BackfillException.Lost if another runner has taken over: then nothing was saved
     */
    void save(Save save) throws Exception;

    /** All dead letters of the job. */
    List<DeadLetter> deadLetters() throws Exception;

    /** Forgets dead letters that have been dealt with. */
    void forget(List<DeadLetter> letters) throws Exception;

    /** Gives the job free for others; everything saved stays. */
    @Override
    void close();
}
