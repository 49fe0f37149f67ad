package dev.backfill.notion;

import java.time.Instant;

/**
 * A page as far as it must be known to be edited: implemented by your record, or {@link NotionRow}.
 *
 * <pre>{@code
 * record Company(String id, Instant lastEditedTime, String name, @Nullable String flag) implements NotionPage {}
 * }</pre>
 */
public interface NotionPage {

    /** The id of the page, with or without dashes. */
    String id();

    /** When the page was last edited, as read; Notion tells it to the minute. An edit by others after it is not overwritten by
     * {@link Edit#unlessEdited()}. */
    Instant lastEditedTime();
}
