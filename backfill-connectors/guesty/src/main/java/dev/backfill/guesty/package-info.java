/** Messages, reservations, listings and guests from the Guesty Open API. */
@NullMarked
package dev.backfill.guesty;

import org.jspecify.annotations.NullMarked;
