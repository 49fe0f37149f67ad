package dev.backfill.notion;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A page as the duplicates job would read it. */
record Company(
        String id,
        Instant createdTime,
        Instant lastEditedTime,
        String title,
        @Nullable String flag) implements NotionPage {}
