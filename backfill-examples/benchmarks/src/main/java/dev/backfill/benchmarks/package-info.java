/** Starts what the contenders need, runs them by turns in processes of their own, and tells what each took. */
package dev.backfill.benchmarks;
