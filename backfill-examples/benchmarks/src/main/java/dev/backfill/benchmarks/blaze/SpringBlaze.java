package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.SpringJob;
import dev.backfill.benchmarks.Work;
import java.util.Collections;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.database.JdbcBatchItemWriter;
import org.springframework.batch.infrastructure.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Spring Batch: one chunk after the other, or in parts side by side. */
final class SpringBlaze {

    private static final int CHUNK = 500;

    private SpringBlaze() {}

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
        WindowReader reader(Work work) {
            return new WindowReader(work);
        }

        @Bean
        JdbcBatchItemWriter<@Nullable Object[]> writer(DataSource dataSource) {
            return new JdbcBatchItemWriterBuilder<@Nullable Object[]>()
                    .dataSource(dataSource)
                    .sql("INSERT INTO " + BlazeApi.TABLE + " (" + Field.names() + ") VALUES ("
                            + String.join(", ", Collections.nCopies(Field.ALL.size(), "?")) + ")" + Field.onConflict())
                    .itemPreparedStatementSetter((row, statement) -> {
                        for (int i = 0; i < row.length; i++) {
                            statement.setObject(i + 1, row[i]);
                        }
                    })
                    .assertUpdates(false)
                    .build();
        }

        @Bean
        Step step(
                JobRepository repository,
                JdbcTransactionManager transactions,
                WindowReader reader,
                JdbcBatchItemWriter<@Nullable Object[]> writer) {
            return new StepBuilder("items", repository)
                    .<@Nullable Object[], @Nullable Object[]>chunk(CHUNK)
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
            return SpringJob.inParts(
                    repository, step, work.parallel(), BlazeApi.windows().size());
        }
    }
}
