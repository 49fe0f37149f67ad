/**
 * What custom parts must pass. For each kind there is a class to extend as a JUnit test: {@link dev.backfill.testkit.SourceContract},
 * {@link dev.backfill.testkit.PartitionedContract}, {@link dev.backfill.testkit.SinkContract},
 * {@link dev.backfill.testkit.TransactionalSinkContract}, {@link dev.backfill.testkit.CheckpointContract} with
 * {@link dev.backfill.testkit.DeadLetterContract}, {@link dev.backfill.testkit.LimiterContract}, for what speaks HTTP
 * {@link dev.backfill.testkit.HttpContract}, and for a whole pipeline
 * {@link dev.backfill.testkit.PipelineContract}, which is killed at every step. A check that fails says what is wrong, why it matters and what
 * to do.
 */
@NullMarked
package dev.backfill.testkit;

import org.jspecify.annotations.NullMarked;
