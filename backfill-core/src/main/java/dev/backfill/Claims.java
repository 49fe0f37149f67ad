package dev.backfill;

/** Short uses of a job's claim. */
final class Claims {

    private Claims() {}

    @FunctionalInterface
    interface Use<T> {
        T with(Claim claim) throws Exception;
    }

    static <T> T with(Job job, Use<T> use) {
        try (Claim claim = job.checkpoint().claim(job.name(), job.waitFor)) {
            return use.with(claim);
        } catch (RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackfillException("interrupted while using the progress of " + job.name(), e);
        } catch (Exception e) {
            throw new BackfillException("cannot use the progress of " + job.name() + ": " + e.getMessage(), e);
        }
    }
}
