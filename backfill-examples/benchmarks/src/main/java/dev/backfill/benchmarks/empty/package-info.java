/** Workload 4: records from nowhere to nowhere, so that nothing is left but what lies between. */
package dev.backfill.benchmarks.empty;
