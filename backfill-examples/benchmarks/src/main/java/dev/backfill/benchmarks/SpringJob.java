package dev.backfill.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.annotation.EnableBatchProcessing;
import org.springframework.batch.core.configuration.annotation.EnableJdbcJobRepository;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.partition.Partitioner;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** What all jobs of Spring Batch have in common: as its documentation recommends, with the repository in the same database. */
public final class SpringJob {

    /** Under which a partition finds the first number that is its own. */
    public static final String FIRST = "first";

    /** Under which a partition finds the first number behind its own. */
    public static final String BEHIND = "behind";

    private SpringJob() {}

    /** The database and the repository. */
    @Configuration(proxyBeanMethods = false)
    @EnableBatchProcessing
    @EnableJdbcJobRepository
    static class Beans {

        @Bean
        DataSource dataSource(Work work) {
            HikariDataSource source = new HikariDataSource();
            source.setJdbcUrl(work.database() + "?reWriteBatchedInserts=true");
            source.setUsername(Work.USER);
            source.setMaximumPoolSize(2 * work.parallel() + 2);
            source.setMinimumIdle(1);
            return source;
        }

        @Bean
        JdbcTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }
    }

    /** A repository that keeps nothing. */
    @Configuration(proxyBeanMethods = false)
    @EnableBatchProcessing
    static class WithoutDatabase {

        @Bean
        ResourcelessTransactionManager transactionManager() {
            return new ResourcelessTransactionManager();
        }
    }

    /** Runs the only job of these beans. */
    public static void run(Work work, Class<?> beans) throws Exception {
        run(work, Beans.class, beans);
    }

    /** Runs the only job of these beans without keeping anything of it. */
    public static void runKeepingNothing(Work work, Class<?> beans) throws Exception {
        run(work, WithoutDatabase.class, beans);
    }

    private static void run(Work work, Class<?> around, Class<?> beans) throws Exception {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.registerBean(Work.class, () -> work);
            context.register(around, beans);
            context.refresh();
            if (around == Beans.class) {
                new ResourceDatabasePopulator(
                                new ClassPathResource("org/springframework/batch/core/schema-postgresql.sql"))
                        .execute(context.getBean(DataSource.class));
            }
            JobExecution execution =
                    context.getBean(JobOperator.class).start(context.getBean(Job.class), new JobParameters());
            if (execution.getStatus() != BatchStatus.COMPLETED) {
                throw new IllegalStateException(
                        "the job has ended as " + execution,
                        execution.getAllFailureExceptions().stream().findFirst().orElse(null));
            }
        }
    }

    /** A job of one step. */
    public static Job of(JobRepository repository, Step step) {
        return new JobBuilder("job", repository).start(step).build();
    }

    /** A job of one step that is done in parts side by side, each with its share of the numbers from 0. */
    public static Job inParts(JobRepository repository, Step step, int parts, long numbers) {
        ThreadPoolTaskExecutor threads = new ThreadPoolTaskExecutor();
        threads.setCorePoolSize(parts);
        threads.setDaemon(true);
        threads.afterPropertiesSet();
        return of(
                repository,
                new StepBuilder("parts", repository)
                        .partitioner("part", shares(numbers))
                        .step(step)
                        .gridSize(parts)
                        .taskExecutor(threads)
                        .build());
    }

    private static Partitioner shares(long numbers) {
        return parts -> {
            Map<String, ExecutionContext> shares = new HashMap<>();
            for (int part = 0; part < parts; part++) {
                ExecutionContext share = new ExecutionContext();
                share.putLong(FIRST, numbers * part / parts);
                share.putLong(BEHIND, numbers * (part + 1) / parts);
                shares.put("part" + part, share);
            }
            return shares;
        };
    }
}
