/** Places where progress is kept that need nothing but the JDK. */
@NullMarked
package dev.backfill.checkpoint;

import org.jspecify.annotations.NullMarked;
