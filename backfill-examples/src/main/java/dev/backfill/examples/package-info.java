/** Runnable jobs. */
@NullMarked
package dev.backfill.examples;

import org.jspecify.annotations.NullMarked;
