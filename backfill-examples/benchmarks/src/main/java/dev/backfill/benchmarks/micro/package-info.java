/** What the hot paths cost by themselves, one class for each. */
package dev.backfill.benchmarks.micro;
