/** Tables as source, sink and checkpoint. */
@NullMarked
package dev.backfill.jdbc;

import org.jspecify.annotations.NullMarked;
