package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Sink;
import dev.backfill.blaze.Item;
import dev.backfill.blaze.Transaction;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Table;
import dev.backfill.supabase.Supabase;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Blaze to a database: the items of all transactions, a row each, in the table {@code transaction_items_blaze}. */
@Command(
        name = "blaze-items",
        description = {
            "Blaze to SQLite, PostgreSQL or Supabase: the items of all transactions, in the table transaction_items_blaze.",
            "BLAZE_PARTNER_KEY and BLAZE_KEY are taken from the environment; without them, Blaze is simulated."
        },
        footer = {
            "",
            "Exit codes: 0 complete, 1 failed, 2 wrong usage, 3 partial or dead letters,",
            "4 another runner is at work or the job was defined anew, 130 or 143 stopped by a signal."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class BlazeItems implements Callable<Integer> {

    private static final String TABLE = "transaction_items_blaze";
    private static final ZoneId SHOP = ZoneId.of("America/Los_Angeles");

    @Mixin
    private JobOptions options = new JobOptions();

    @Mixin
    private Days days = new Days();

    private BlazeItems() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(Main.run(new BlazeItems(), arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        LocalDate today = LocalDate.now(SHOP);
        days.to(LocalDate.MAX); // what is wrong with the days is told before anything is made
        Environment environment = Environment.of(options.envFile);
        options.prepare();
        String url = options.supabaseUrl;
        if (url != null) {
            try (Supabase project = Databases.project(url, environment);
                    Checkpoints checkpoints = Checkpoints.of(options, environment);
                    BlazeAccount account = BlazeAccount.open(options, environment)) {
                // by this road the last version written stays and not the newest, so windows are taken one after the
                // other
                return run(
                        account,
                        today,
                        project.toString(),
                        () -> project.table(TABLE).upsert("transaction_id", "item_id"),
                        checkpoints.checkpoint());
            }
        }
        try (Db db = Databases.open(options, environment);
                Checkpoints checkpoints = Checkpoints.of(options, environment, db, JobOptions.Place.DATABASE);
                BlazeAccount account = BlazeAccount.open(options, environment)) {
            return run(
                    account,
                    today,
                    db.toString(),
                    () -> table(db).upsert("transaction_id", "item_id").newestBy("modified"),
                    checkpoints.checkpoint());
        }
    }

    private int run(
            BlazeAccount account, LocalDate today, String place, Supplier<Sink<Object>> sink, Checkpoint checkpoint)
            throws InterruptedException {
        LocalDate to = days.to(account.lastDay(today));
        if (!options.quiet) {
            System.out.println("blaze-items: from " + account.named(options) + ", " + days.from + " to " + to
                    + ", into " + TABLE + " in " + place);
        }
        Backfill job = Backfill.named("blaze-items")
                .from(account.blaze().transactions(days.from, to))
                .flatMap(Transaction::items)
                .into(sink.get())
                .checkpoint(checkpoint);

        return new JobRun(
                        job,
                        "blaze-items",
                        options,
                        new Summary.Nouns("windows", "transactions", "items"),
                        Optional.of(account.limiter()),
                        TABLE + " in " + place)
                .run();
    }

    private Table table(Db db) {
        Table table = db.table(TABLE);
        return options.dryRun ? table : table.createIfMissing(Item.class, "transaction_id", "item_id");
    }
}
