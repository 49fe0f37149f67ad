package dev.backfill.benchmarks.inventory;

import dev.backfill.benchmarks.SpringJob;
import dev.backfill.benchmarks.Work;
import java.net.http.HttpRequest;
import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.configuration.annotation.StepScope;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ItemWriter;
import org.springframework.batch.infrastructure.item.database.JdbcBatchItemWriter;
import org.springframework.batch.infrastructure.item.database.JdbcPagingItemReader;
import org.springframework.batch.infrastructure.item.database.Order;
import org.springframework.batch.infrastructure.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.infrastructure.item.database.builder.JdbcPagingItemReaderBuilder;
import org.springframework.batch.infrastructure.item.support.CompositeItemWriter;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.support.JdbcTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/** Spring Batch: one chunk after the other, or in parts side by side. */
final class SpringInventory {

    private static final int CHUNK = 1_000;

    private SpringInventory() {}

    /** A row of the table. */
    record Row(long id, @Nullable Timestamp created) {}

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
        JdbcPagingItemReader<Row> reader(
                DataSource dataSource,
                Work work,
                @Value("#{stepExecutionContext['" + SpringJob.FIRST + "'] ?: 0}") long first,
                @Value("#{stepExecutionContext['" + SpringJob.BEHIND + "'] ?: -1}") long behind)
                throws Exception {
            return new JdbcPagingItemReaderBuilder<Row>()
                    .name("products")
                    .dataSource(dataSource)
                    .selectClause("SELECT id, created_at")
                    .fromClause("FROM " + Products.TABLE)
                    .whereClause("WHERE id > :first AND id <= :last AND deleted_at IS NULL")
                    .parameterValues(Map.of("first", first, "last", behind < 0 ? work.size() : behind))
                    .sortKeys(Map.of("id", Order.ASCENDING))
                    .pageSize(CHUNK)
                    .fetchSize(CHUNK)
                    .rowMapper((row, number) -> new Row(row.getLong(1), row.getTimestamp(2)))
                    .build();
        }

        @Bean
        JdbcBatchItemWriter<Row> database(DataSource dataSource) {
            return new JdbcBatchItemWriterBuilder<Row>()
                    .dataSource(dataSource)
                    .sql("UPDATE " + Products.TABLE + " SET deleted_at = 0 WHERE id = ? AND deleted_at IS NULL")
                    .itemPreparedStatementSetter((row, statement) -> statement.setLong(1, row.id()))
                    .build();
        }

        @Bean
        Step step(
                JobRepository repository,
                JdbcTransactionManager transactions,
                JdbcPagingItemReader<Row> reader,
                JdbcBatchItemWriter<Row> database,
                Work work) {
            ItemWriter<Row> search = rows -> send(work, rows);
            return new StepBuilder("products", repository)
                    .<Row, Row>chunk(CHUNK)
                    .transactionManager(transactions)
                    .reader(reader)
                    .writer(new CompositeItemWriter<>(List.of(search, database)))
                    .build();
        }

        private static void send(Work work, Chunk<? extends Row> rows) throws Exception {
            StringBuilder lines = new StringBuilder();
            for (Row row : rows) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put("id", "" + row.id());
                document.put(
                        "created_at", row.created() == null ? 0 : row.created().getTime() / 1_000);
                document.put("deleted_at", 0);
                lines.append(JsonMapper.shared().writeValueAsString(document)).append('\n');
            }
            Products.send(work.vendor(), HttpRequest.BodyPublishers.ofString(lines.toString()), rows.size());
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
