package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Counts;
import dev.backfill.Report;
import dev.backfill.guesty.Message;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Guesty to a database: the messages of the last days, a row each, for a worker that picks up those that are not processed. */
@Command(
        name = "guesty-messages",
        description = {
            "Guesty to SQLite or PostgreSQL: the messages of the last days, in the table messages. Each run is a new pass;",
            "one that was cut goes on. GUESTY_API_KEY and GUESTY_API_SECRET are taken from the environment; without",
            "them, Guesty is simulated. DATABASE_URL names the database as --database does."
        },
        footer = {
            "",
            "Exit codes: 0 complete, 1 failed, 2 wrong usage, 3 partial or dead letters,",
            "4 another runner is at work or the job was defined anew, 130 or 143 stopped by a signal."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class GuestyMessages implements Callable<Integer> {

    private static final String TABLE = "messages";
    private static final int DAYS = 365;
    private static final int MOST_DAYS = 36_500;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(
            names = "--days",
            paramLabel = "N",
            description = "messages of the last N days (default: BACKFILL_DAYS from the environment, or 365)")
    @Nullable
    private String days;

    @Option(
            names = "--flat",
            description = "reads the list of messages that Guesty does not document, instead of the conversations")
    private boolean flat;

    @Option(names = "--real-time", description = "a simulated Guesty keeps to the true limits")
    private boolean realTime;

    private final LongAdder unreadable = new LongAdder();

    private GuestyMessages() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(Main.run(new GuestyMessages(), arguments));
    }

    /** A row of the table, without what a worker makes of it. */
    record Row(
            @Nullable String messageId,
            String body,
            @Nullable Instant createdAt,
            @Nullable String createdAtRaw,
            String conversationId,
            @Nullable String reservationId,
            @Nullable String guestName) {

        static Row of(Message message) {
            return new Row(
                    message.messageId(),
                    message.body(),
                    message.createdAt(),
                    message.createdAtRaw(),
                    message.conversationId(),
                    message.reservationId(),
                    message.guestName());
        }
    }

    /** The columns of a table that is made. */
    record Stored(
            String messageId,
            String body,
            @Nullable Instant createdAt,
            @Nullable String createdAtRaw,
            String conversationId,
            @Nullable String reservationId,
            @Nullable String guestName,
            boolean isProcessed) {}

    @Override
    public Integer call() throws InterruptedException {
        Environment environment = Environment.of(options.envFile);
        int last = days(environment);
        options.prepare();
        if (options.supabaseUrl != null) {
            throw new Exit.Wrong("guesty-messages writes to a database: give --database instead of --supabase-url");
        }
        try (Db db = Databases.open(options, environment, "DATABASE_URL");
                Checkpoints checkpoints = Checkpoints.of(options, environment, db, JobOptions.Place.DATABASE);
                GuestyAccount account = GuestyAccount.open(options, environment, realTime)) {
            if (!options.quiet) {
                System.out.println("guesty-messages: from " + account.named() + ", into " + TABLE + " in " + db);
                System.out.println("guesty-messages: Starting backfill for " + last + " days");
            }
            return run(db, account, checkpoints.checkpoint(), Duration.ofDays(last));
        }
    }

    private int days(Environment environment) {
        String name = days == null ? "BACKFILL_DAYS" : "--days";
        String given = days == null ? environment.value("BACKFILL_DAYS").orElse("" + DAYS) : days;
        try {
            int number = Integer.parseInt(given.strip());
            if (number >= 1 && number <= MOST_DAYS) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new Exit.Wrong(name + " must be a number of days from 1 to " + MOST_DAYS + ", not " + given);
    }

    private int run(Db db, GuestyAccount account, Checkpoint checkpoint, Duration last) throws InterruptedException {
        Table table = db.table(TABLE);

        Backfill job = Backfill.named("guesty-messages")
                .from(
                        flat
                                ? account.guesty().flatMessages(last)
                                : account.guesty().messages(last))
                .filter(message -> !message.internal())
                .map(this::row)
                .into((options.dryRun ? table : table.createIfMissing(Stored.class, "message_id"))
                        .upsert("message_id")
                        .onInsert("is_processed", false))
                .checkpoint(checkpoint)
                .repeating();

        return new JobRun(
                        job,
                        "guesty-messages",
                        options,
                        new Summary.Nouns("parts", "posts", "messages"),
                        Optional.of(account.limiter()),
                        TABLE + " in " + db)
                .run(this::counted);
    }

    private Row row(Message message) {
        if (message.createdAtRaw() != null) {
            unreadable.increment();
        }
        return Row.of(message);
    }

    /** What the script that this job replaces has printed, and what it left out. */
    private String counted(Report report) {
        Counts counts = report.counts();
        String text = line("Total messages fetched", counts.produced())
                + line("New messages saved", counts.inserted())
                + line("Duplicates skipped", counts.unchanged())
                + line("Changed messages", counts.updated());
        return (unreadable.sum() == 0 ? text : text + line("Unreadable times", unreadable.sum())).stripTrailing();
    }

    private static String line(String name, long number) {
        return String.format(Locale.ROOT, "%-24s%d%n", name + ":", number);
    }
}
