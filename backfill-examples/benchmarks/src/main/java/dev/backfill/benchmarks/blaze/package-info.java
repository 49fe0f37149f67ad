/** Workload 1: the items of all transactions of a shop, from windows of an API into a table. */
package dev.backfill.benchmarks.blaze;
