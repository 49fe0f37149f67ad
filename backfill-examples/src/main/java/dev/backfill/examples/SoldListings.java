package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Event;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.Windows;
import dev.backfill.files.CommittedSink;
import dev.backfill.files.Csv;
import dev.backfill.files.FileSink;
import dev.backfill.files.Git;
import dev.backfill.files.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A site with sold homes to CSV files, one for each month, which are committed to git as they come. */
@Command(
        name = "sold-listings",
        description = {
            "A web site with sold homes, scraped month by month into CSV files, one for each month, with progress and a summary beside",
            "them, each committed to git as it comes if that is wanted. The site is simulated unless --url names one."
        },
        footer = {
            "",
            "Exit codes: 0 complete, 1 failed, 2 wrong usage, 3 partial, stopped in time, or not pushed,",
            "4 another runner is at work or the job was defined anew, 130 or 143 stopped by a signal."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class SoldListings implements Callable<Integer> {

    private static final String NAME = "sold-listings";

    /** As many as the site shows on a page. */
    private static final int PAGE = 50;

    /** Stands for {@code --git} without a folder. */
    private static final String OWN = "<own>";

    @Mixin
    private JobOptions options = new JobOptions();

    @Mixin
    private Months months = new Months();

    @Option(
            names = "--git",
            arity = "0..1",
            fallbackValue = OWN,
            paramLabel = "DIR",
            description = {
                "commits each month when it is whole: to the repository that this folder is in, where the files then go;",
                "without a folder to one in DIR/repository of the home, made if it is not there"
            })
    @Nullable
    String git;

    @Option(names = "--push", description = "pushes each commit to origin")
    boolean push;

    @Option(
            names = "--session",
            paramLabel = "FILE",
            description = "the site's cookies, committed with the months (default: DIR/session.txt)")
    @Nullable
    Path session;

    @Option(
            names = "--max-pages",
            paramLabel = "N",
            description = "most pages of a month; one with more fails behind them, and is not done")
    int maxPages = 10_000;

    @Option(
            names = "--time-limit",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description = "stops cleanly after this time, as 5h")
    @Nullable
    Duration timeLimit;

    @Option(
            names = "--pause",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description =
                    "between two pages; from this to twice this (default: 5s, or none if the site is simulated here)")
    @Nullable
    Duration pause;

    @Option(
            names = "--accept",
            paramLabel = "PERCENT",
            description = "takes a run for complete of which this part of the months is whole (default: 100)")
    int accept = 100;

    /** Months that came to their end in this run; with git each is committed before. */
    private final LongAdder done = new LongAdder();

    private SoldListings() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(Main.run(new SoldListings(), arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Windows windows = months.windows();
        check();
        options.prepare();
        Environment environment = Environment.of(options.envFile);
        Optional<Git> repository = repository();
        Path folder = git == null ? options.home.resolve("data") : OWN.equals(git) ? own() : Path.of(git);
        FileSink<Sale> csv = Csv.in(folder.resolve("sold_links"), Sale.class)
                .prefix("sold_links_")
                .replacing();
        SoldProgress progress = new SoldProgress(csv, options.home);
        try (ListingsAccount account = ListingsAccount.open(options, session, maxPages);
                Checkpoints checkpoints = Checkpoints.of(options, environment)) {
            Optional<RateLimiter> limiter = account.limiter(pause);
            Optional<CommittedSink<Sale>> committed = repository.map(it -> csv.committedTo(it)
                    .message(month -> "data: sold links of " + month)
                    .with(month -> session == null ? List.of() : List.of(session)));
            // a page of the site is written before the next but one is read: reading it again is what costs
            Backfill job = Backfill.named(NAME)
                    .from(csv.missing(windows.each(window -> {
                        Source<Sale> sold = account.site().sold(YearMonth.parse(window.name()));
                        return limiter.map(sold::limitedBy).orElse(sold);
                    })))
                    .into(committed.<Sink<Sale>>map(sink -> sink).orElse(csv))
                    .batch(PAGE)
                    .accept(accept / 100.0)
                    .checkpoint(checkpoints.checkpoint())
                    .listen(event -> heard(event, csv, repository, progress));
            if (timeLimit != null) {
                job = job.stopAfter(timeLimit);
            }
            if (!options.quiet) {
                System.out.println(NAME + ": from " + account + ", " + months + ", into " + csv
                        + repository.map(it -> ", committed to " + it).orElse(""));
            }
            int code = new JobRun(
                            job,
                            NAME,
                            options,
                            new Summary.Nouns("months", "listings", "rows"),
                            Optional.empty(),
                            csv.toString())
                    .run(report -> ended(report, windows, progress));
            return code == Exit.COMPLETE || code == Exit.PARTIAL
                    ? Math.max(code, options.dryRun ? Exit.COMPLETE : settled(committed))
                    : code;
        }
    }

    private void check() {
        if (options.database != null || options.supabaseUrl != null) {
            throw new Exit.Wrong("the rows go into files: --database and --supabase-url have no meaning here");
        }
        if (push && git == null) {
            throw new Exit.Wrong("--push needs --git");
        }
        if (maxPages < 1) {
            throw new Exit.Wrong("--max-pages must be at least 1, not " + maxPages);
        }
        if (accept < 0 || accept > 100) {
            throw new Exit.Wrong("--accept must be from 0 to 100, not " + accept);
        }
    }

    private Path own() {
        return options.home.resolve("repository");
    }

    private Optional<Git> repository() throws IOException, InterruptedException {
        if (git == null) {
            return Optional.empty();
        }
        try {
            Git found = OWN.equals(git) ? Git.init(own()).as("Backfill", "backfill@example.org") : Git.at(Path.of(git));
            return Optional.of(push ? found.pushingTo("origin") : found);
        } catch (IllegalStateException e) {
            throw new BackfillException("--git: " + e.getMessage(), e);
        }
    }

    /** A month that failed is committed as far as it is, for people to look at; that is not done. */
    private void heard(Event event, FileSink<Sale> csv, Optional<Git> repository, SoldProgress progress) {
        if (options.dryRun || options.replay) {
            return;
        }
        try {
            if (event instanceof Event.PartitionDone) {
                done.increment();
                progress.write();
            } else if (event instanceof Event.PartitionFailed failed) {
                Optional<Path> partial = csv.partial(failed.partition());
                if (partial.isPresent() && repository.isPresent()) {
                    repository
                            .get()
                            .commit("data: a part of " + failed.partition() + ", which failed", List.of(partial.get()));
                }
            }
        } catch (IOException | RuntimeException e) {
            System.err.println(NAME + ": " + Exit.message(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String ended(Report report, Windows windows, SoldProgress progress) {
        if (options.dryRun) {
            return "";
        }
        try {
            List<Manifest> whole = progress.write();
            Map<String, Report.State> states = new HashMap<>();
            report.states().forEach((month, state) -> states.put(month, state));
            whole.forEach(manifest ->
                    states.put(manifest.partition(), manifest.open() ? Report.State.OPEN : Report.State.DONE));
            List<String> lines = new ArrayList<>();
            lines.add("months         "
                    + windows.stretches(states).stream().map(Object::toString).collect(Collectors.joining(", ")));
            lines.add("files          " + Text.count(whole.size()) + " months, "
                    + Text.count(whole.stream().mapToLong(Manifest::rows).sum()) + " listings in all");
            return String.join(System.lineSeparator(), lines);
        } catch (IOException e) {
            throw new BackfillException("the progress cannot be written: " + Exit.why(e), e);
        }
    }

    /** What an earlier run has left uncommitted or unpushed. */
    private int settled(Optional<CommittedSink<Sale>> committed) throws IOException, InterruptedException {
        if (committed.isEmpty()) {
            return Exit.COMPLETE;
        }
        try {
            long commits = done.sum() + committed.get().settle();
            if (!options.quiet) {
                System.out.println("commits        "
                        + (commits == 0
                                ? "none, for nothing is new"
                                : Text.count(commits) + (push ? ", all pushed" : "")));
            }
            return Exit.COMPLETE;
        } catch (IOException | RuntimeException e) {
            System.err.println(NAME + ": not all is committed and pushed; the next run does it: " + Exit.message(e));
            return Exit.PARTIAL;
        }
    }
}
