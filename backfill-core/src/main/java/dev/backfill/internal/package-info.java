/** Time, files, threads and JSON, for this library's own modules only. */
@NullMarked
package dev.backfill.internal;

import org.jspecify.annotations.NullMarked;
