package dev.backfill.examples;

import dev.backfill.BackfillException;
import dev.backfill.RateLimiter;
import dev.backfill.SlotLimiter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that all jobs have. */
final class JobOptions {

    /** Where progress is kept. */
    enum Place {
        DATABASE,
        FILE,
        MONGODB
    }

    private static final long LOOK_AGAIN = 200;

    @Option(names = "--home", paramLabel = "DIR", description = "progress and data (default: ${DEFAULT-VALUE})")
    Path home = Path.of("backfill-home");

    @Option(
            names = "--database",
            paramLabel = "URL",
            description = {
                "where the rows go (default: the SQLite file DIR/data.db).",
                "jdbc:postgresql://… takes DATABASE_USER and DATABASE_PASSWORD from the environment;",
                "postgresql://…, as Supabase shows it, takes SUPABASE_DB_PASSWORD"
            })
    @Nullable
    String database;

    @Option(
            names = "--supabase-url",
            paramLabel = "URL",
            description = {
                "the rows go to this Supabase project by its REST API, with SUPABASE_KEY from the environment.",
                "The table must be there, and progress is kept in DIR"
            })
    @Nullable
    String supabaseUrl;

    @Option(
            names = "--checkpoint",
            paramLabel = "PLACE",
            description = {
                "where progress is kept: database, in one transaction with the rows; file, in DIR; or mongodb, at",
                "MONGO_URI, in MONGO_DB_NAME and MONGO_CHECKPOINT_COLLECTION (default: database, or file for a job",
                "whose rows go elsewhere)"
            })
    @Nullable
    Place checkpoint;

    @Option(names = "--parallel", paramLabel = "N", description = "partitions side by side (default: ${DEFAULT-VALUE})")
    int parallel = 4;

    @Option(names = "--batch", paramLabel = "N", description = "rows written at once (default: what the sink likes)")
    @Nullable
    Integer batch;

    @Option(
            names = "--rate",
            paramLabel = "LIMITS",
            converter = Text.Limits.class,
            description = "calls allowed, as 7500/5m; several with commas between them")
    Text.@Nullable LimitList rate;

    @Option(
            names = "--url",
            paramLabel = "URL",
            converter = Text.Url.class,
            description = "the API elsewhere; credentials come from the environment")
    @Nullable
    URI url;

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "KEY=VALUE lines, as if they were in the environment; values are not in quotes")
    @Nullable
    Path envFile;

    @Option(names = "--dry-run", description = "goes the whole way, writes nothing and keeps no progress")
    boolean dryRun;

    @Option(names = "--start-over", description = "forgets the progress first")
    boolean startOver;

    @Option(names = "--replay", description = "writes the dead letters again instead of running the job")
    boolean replay;

    @Option(
            names = "--wait",
            arity = "0..1",
            fallbackValue = "24h",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description = "waits for another runner of this job, and goes on when that one is done or dead")
    Duration waitFor = Duration.ZERO;

    @Option(names = "--quiet", description = "prints nothing but problems")
    boolean quiet;

    /** Checks what picocli cannot, and makes the home. */
    void prepare() {
        positive("--parallel", parallel, 1_000);
        if (batch != null) {
            positive("--batch", batch, 100_000);
        }
        if (dryRun && startOver) {
            throw new Exit.Wrong("--dry-run and --start-over do not go together: a dry run always begins at the start");
        }
        if (replay && (dryRun || startOver)) {
            throw new Exit.Wrong("--replay goes neither with --dry-run nor with --start-over");
        }
        if (supabaseUrl != null && (database != null || checkpoint == Place.DATABASE)) {
            throw new Exit.Wrong(
                    "--supabase-url goes neither with --database nor with --checkpoint database: the REST API"
                            + " cannot keep progress");
        }
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new BackfillException(
                    "cannot make the folder " + home + " (" + Exit.why(e)
                            + "); name one that can be written with --home",
                    e);
        }
    }

    private static void positive(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new Exit.Wrong(option + " must be from 1 to " + most + ", not " + value);
        }
    }

    /** A limiter that remembers in the home what it has spent, once no other runner uses it. */
    SlotLimiter limiter(Text.LimitList standard, String account) throws InterruptedException {
        SlotLimiter plain =
                RateLimiter.of(Optional.ofNullable(rate).orElse(standard).array());
        Instant end = Instant.now().plus(waitFor);
        boolean told = quiet;
        while (true) {
            try {
                return plain.keptIn(home.toAbsolutePath().resolve("calls"), account);
            } catch (BackfillException.Held e) {
                if (!Instant.now().isBefore(end)) {
                    throw e;
                }
                if (!told) {
                    System.out.println(Exit.message(e) + "; waiting up to " + waitFor.toSeconds() + " s");
                    told = true;
                }
                Thread.sleep(LOOK_AGAIN);
            }
        }
    }
}
