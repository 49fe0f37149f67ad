/** CSV and JSON lines, one file per partition, in and out; commits to git. */
@NullMarked
package dev.backfill.files;

import org.jspecify.annotations.NullMarked;
