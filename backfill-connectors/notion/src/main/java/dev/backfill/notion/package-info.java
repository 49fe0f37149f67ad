/** Pages of Notion databases as source, edits of pages as sink. */
@NullMarked
package dev.backfill.notion;

import org.jspecify.annotations.NullMarked;
