/** What every vendor API needs: deadlines, limits, retries, rows from JSON. */
@NullMarked
package dev.backfill.http;

import org.jspecify.annotations.NullMarked;
