/** Progress in MongoDB. */
@NullMarked
package dev.backfill.mongodb;

import org.jspecify.annotations.NullMarked;
