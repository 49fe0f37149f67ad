/** Sources, sinks, checkpoints, limiters, and the jobs that are made of them. Begin at {@link dev.backfill.Backfill}. */
@NullMarked
package dev.backfill;

import org.jspecify.annotations.NullMarked;
