package dev.backfill;

/** A run that is at work in threads of its own. All methods may be called by any thread. */
public final class Run {

    private final Runner runner;

    Run(Runner runner) {
        this.runner = runner;
    }

    /** Where it is. Does not block. */
    public Progress progress() {
        return runner.progress();
    }

    /** Lets what is in flight end and begins nothing more, until {@link #resume()}. The job stays claimed. */
    public void pause() {
        runner.pause(true);
    }

    /** Goes on after {@link #pause()}. */
    public void resume() {
        runner.pause(false);
    }

    /**
     * Asks the run to end: nothing more is read, the batches in flight are finished or given up within the job's grace time,
     * and progress is saved. Returns at once; see {@link #await()}. May be called again.
     */
    public void stop() {
        runner.stop();
    }

    /**
     * Waits for the end, when none of the run's threads is at work any more.
     *
     * @return the report, if the run is complete or was interrupted
     * @throws BackfillException with the report inside, if the run ended otherwise
     */
    public Report await() throws InterruptedException {
        return runner.await();
    }
}
