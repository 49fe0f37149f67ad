/** Collections of Typesense: documents in and out, and their schema. */
@NullMarked
package dev.backfill.typesense;

import org.jspecify.annotations.NullMarked;
