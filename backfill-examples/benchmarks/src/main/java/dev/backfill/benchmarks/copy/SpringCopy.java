package dev.backfill.benchmarks.copy;

import dev.backfill.benchmarks.SpringJob;
import dev.backfill.benchmarks.Work;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.database.JdbcBatchItemWriter;
import org.springframework.batch.infrastructure.item.database.JdbcPagingItemReader;
import org.springframework.batch.infrastructure.item.database.Order;
import org.springframework.batch.infrastructure.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.infrastructure.item.database.builder.JdbcPagingItemReaderBuilder;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Spring Batch: one chunk after the other, or in parts side by side. */
final class SpringCopy {

    private static final int CHUNK = 5_000;

    private SpringCopy() {}

    static void sequential(Work work) throws Exception {
        SpringJob.run(work, Sequential.class);
    }

    static void partitioned(Work work) throws Exception {
        SpringJob.run(work, Partitioned.class);
    }

    @Configuration(proxyBeanMethods = false)
    static class Steps {

        @Bean
        @StepScope
        JdbcPagingItemReader<Copied> reader(
                DataSource dataSource,
                Work work,
                @Value("#{stepExecutionContext['" + SpringJob.FIRST + "'] ?: 0}") long first,
                @Value("#{stepExecutionContext['" + SpringJob.BEHIND + "'] ?: -1}") long behind)
                throws Exception {
            return new JdbcPagingItemReaderBuilder<Copied>()
                    .name("rows")
                    .dataSource(dataSource)
                    .selectClause("SELECT " + Copied.COLUMNS)
                    .fromClause("FROM " + Copied.FROM)
                    .whereClause("WHERE id > :first AND id <= :last")
                    .parameterValues(Map.of("first", first, "last", behind < 0 ? work.size() : behind))
                    .sortKeys(Map.of("id", Order.ASCENDING))
                    .pageSize(CHUNK)
                    .fetchSize(CHUNK)
                    .rowMapper((row, number) -> {
                        Timestamp changed = row.getTimestamp(5);
                        return new Copied(
                                row.getLong(1),
                                row.getString(2),
                                row.getInt(3),
                                row.getBigDecimal(4),
                                changed == null ? null : changed.toInstant());
                    })
                    .build();
        }

        @Bean
        JdbcBatchItemWriter<Copied> writer(DataSource dataSource) {
            return new JdbcBatchItemWriterBuilder<Copied>()
                    .dataSource(dataSource)
                    .sql("INSERT INTO " + Copied.TO + " (" + Copied.COLUMNS + ") VALUES (?, ?, ?, ?, ?)"
                            + Copied.ON_CONFLICT)
                    .itemPreparedStatementSetter((row, statement) -> {
                        Instant changed = row.changedAt();
                        statement.setLong(1, row.id());
                        statement.setString(2, row.name());
                        statement.setInt(3, row.quantity());
                        statement.setBigDecimal(4, row.price());
                        if (changed == null) {
                            statement.setNull(5, Types.TIMESTAMP);
                        } else {
                            statement.setTimestamp(5, Timestamp.from(changed));
                        }
                    })
                    .assertUpdates(false)
                    .build();
        }

        @Bean
        Step step(
                JobRepository repository,
                JdbcTransactionManager transactions,
                JdbcPagingItemReader<Copied> reader,
                JdbcBatchItemWriter<Copied> writer) {
            return new StepBuilder("rows", repository)
                    .<Copied, Copied>chunk(CHUNK)
                    .transactionManager(transactions)
                    .reader(reader)
                    .writer(writer)
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Steps.class)
    static class Sequential {
        @Bean
        Job job(JobRepository repository, Step step) {
            return SpringJob.of(repository, step);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Steps.class)
    static class Partitioned {
        @Bean
        Job job(JobRepository repository, Step step, Work work) {
            return SpringJob.inParts(repository, step, work.parallel(), work.size());
        }
    }
}
