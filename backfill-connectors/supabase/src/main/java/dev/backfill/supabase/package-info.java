/** Supabase by its REST API and by PostgreSQL. */
@NullMarked
package dev.backfill.supabase;

import org.jspecify.annotations.NullMarked;
