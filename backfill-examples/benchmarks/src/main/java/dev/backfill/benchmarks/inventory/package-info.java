/** Workload 2: products without a mark get one in the table and in a search engine. */
package dev.backfill.benchmarks.inventory;
