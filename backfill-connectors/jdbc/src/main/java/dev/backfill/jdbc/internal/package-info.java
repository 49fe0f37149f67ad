/** How records become columns, for this library's own modules that write tables by another road. */
@NullMarked
package dev.backfill.jdbc.internal;

import org.jspecify.annotations.NullMarked;
