/** Workload 3: the rows of a table into another one of the same database. */
package dev.backfill.benchmarks.copy;
