package dev.backfill.benchmarks.empty;

import dev.backfill.benchmarks.SpringJob;
import dev.backfill.benchmarks.Work;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamReader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/** Spring Batch. */
final class SpringNothing {

    private SpringNothing() {}

    static void inMemory(Work work) throws Exception {
        SpringJob.runKeepingNothing(work, Beans.class);
    }

    static void inADatabase(Work work) throws Exception {
        SpringJob.run(work, Beans.class);
    }

    @Configuration(proxyBeanMethods = false)
    static class Beans {

        @Bean
        Job job(JobRepository repository, PlatformTransactionManager transactions, Work work) {
            return SpringJob.of(
                    repository,
                    new StepBuilder("nothing", repository)
                            .<Integer, Integer>chunk(EmptyContenders.PAGE)
                            .transactionManager(transactions)
                            .reader(new Numbers(work.size()))
                            .writer(chunk -> {})
                            .build());
        }
    }

    private static final class Numbers implements ItemStreamReader<Integer> {

        private final int size;
        private int next;

        Numbers(int size) {
            this.size = size;
        }

        @Override
        public void open(ExecutionContext context) {
            next = context.getInt("next", 0);
        }

        @Override
        public void update(ExecutionContext context) {
            context.putInt("next", next);
        }

        @Override
        public @Nullable Integer read() {
            return next < size ? next++ : null;
        }
    }
}
