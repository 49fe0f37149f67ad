package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.blaze.Item;
import dev.backfill.blaze.Transaction;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Table;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Blaze to a database: the items of all transactions, a row each, in the table {@code transaction_items_blaze}. */
@Command(
        name = "blaze-items",
        description = {
            "Blaze to SQLite or PostgreSQL: the items of all transactions, in the table transaction_items_blaze.",
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
        try (Db db = Databases.open(options, environment);
                BlazeAccount account = BlazeAccount.open(options, environment)) {
            LocalDate to = days.to(account.lastDay(today));
            if (!options.quiet) {
                System.out.println("blaze-items: from " + account.named(options) + ", " + days.from + " to " + to
                        + ", into " + TABLE + " in " + db);
            }
            return run(db, account, to);
        }
    }

    private int run(Db db, BlazeAccount account, LocalDate to) throws InterruptedException {
        Checkpoint checkpoint = options.checkpoint == JobOptions.Place.DATABASE
                ? db.checkpoint()
                : FileCheckpoint.in(options.home.resolve("progress"));

        Backfill job = Backfill.named("blaze-items")
                .from(account.blaze().transactions(days.from, to))
                .flatMap(Transaction::items)
                .into(table(db).upsert("transaction_id", "item_id").newestBy("modified"))
                .checkpoint(checkpoint);

        return new JobRun(
                        job,
                        "blaze-items",
                        options,
                        new Summary.Nouns("windows", "transactions", "items"),
                        Optional.of(account.limiter()),
                        TABLE + " in " + db)
                .run();
    }

    private Table table(Db db) {
        Table table = db.table(TABLE);
        return options.dryRun ? table : table.createIfMissing(Item.class, "transaction_id", "item_id");
    }
}
