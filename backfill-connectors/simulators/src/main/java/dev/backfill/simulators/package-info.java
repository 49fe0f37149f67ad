/** Stateful stand-ins of the vendors, with fault injection. */
@NullMarked
package dev.backfill.simulators;

import org.jspecify.annotations.NullMarked;
