/** Transactions, members and products from the Blaze partner API. */
@NullMarked
package dev.backfill.blaze;

import org.jspecify.annotations.NullMarked;
