/** What a custom source, sink, checkpoint or limiter must pass, and crashes at every step. */
@NullMarked
package dev.backfill.testkit;

import org.jspecify.annotations.NullMarked;
