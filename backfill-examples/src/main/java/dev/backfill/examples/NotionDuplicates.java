package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.RateLimiter;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Index;
import dev.backfill.notion.NotionRow;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Notion to Notion: flags the pages whose titles others have too, and takes the flag from those that stand alone. */
@Command(
        name = "notion-duplicates",
        description = {
            "Notion to Notion: flags the pages of a database that others are the same as, and clears wrong flags.",
            "NOTION_TOKEN and NOTION_DATABASE_ID are taken from the environment; without them, Notion is simulated."
        },
        footer = {
            "",
            "Exit codes: 0 complete, 1 failed, 2 wrong usage, 3 partial or dead letters,",
            "4 another runner is at work or the job was defined anew, 130 or 143 stopped by a signal."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class NotionDuplicates implements Callable<Integer> {

    private static final int PAGES_A_CALL = 100;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(
            names = "--key",
            paramLabel = "PROPERTY",
            description = "what duplicates have in common, but for case and spaces (default: ${DEFAULT-VALUE})")
    private String key = "Name";

    @Option(
            names = "--property",
            paramLabel = "PROPERTY",
            description = "the select or status that is the flag (default: ${DEFAULT-VALUE})")
    private String property = "Flag";

    @Option(names = "--value", paramLabel = "OPTION", description = "of a duplicate (default: ${DEFAULT-VALUE})")
    private String value = "Duplicate";

    @Option(names = "--real-time", description = "a simulated Notion keeps to the true limit")
    private boolean realTime;

    private NotionDuplicates() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(Main.run(new NotionDuplicates(), arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        Environment environment = Environment.of(options.envFile);
        options.prepare();
        try (Db db = Databases.open(options, environment);
                Checkpoints checkpoints = Checkpoints.of(options, environment, db, JobOptions.Place.FILE);
                NotionAccount account = NotionAccount.open(options, environment, realTime)) {
            Index<NotionRow> pages = db.index("notion_pages", NotionRow.class, NotionRow::id, this::normal);
            if (!options.quiet) {
                System.out.println("notion-duplicates: " + account.named());
                System.out.println("notion-duplicates: " + plan(account, pages));
            }
            return run(account, pages, checkpoints.checkpoint());
        }
    }

    private int run(NotionAccount account, Index<NotionRow> pages, Checkpoint checkpoint) throws InterruptedException {
        Backfill job = Backfill.named("notion-duplicates")
                .phase("fetch")
                .from(account.notion().pages(key, property))
                .into(pages)
                .phase("clean up false positives")
                .from(pages.singles())
                .filter(told("would clear", this::flagged))
                .into(account.notion().clear(property))
                .phase("tag duplicates")
                .from(pages.duplicates())
                .filter(told("would tag", page -> !flagged(page)))
                .into(account.notion().set(property, value))
                .checkpoint(checkpoint);

        return new JobRun(
                        job,
                        "notion-duplicates",
                        options,
                        new Summary.Nouns("phases", "pages", "written"),
                        Optional.of(account.limiter()),
                        null)
                .run();
    }

    /** A title as people read it: without case, and with one kind of space. */
    private String normal(NotionRow page) {
        return text(page.properties().get(key))
                .replace('\u00a0', ' ')
                .strip()
                .replaceAll("\\s+", " ")
                .toLowerCase(Locale.ROOT);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private boolean flagged(NotionRow page) {
        Object flag = page.properties().get(property);
        return flag instanceof Collection<?> several ? several.contains(value) : value.equals(flag);
    }

    /** In a dry run, prints what it lets through. */
    private Predicate<NotionRow> told(String what, Predicate<NotionRow> wanted) {
        return options.dryRun && !options.quiet
                ? page -> {
                    boolean wants = wanted.test(page);
                    if (wants) {
                        System.out.println(what + " " + page.id() + " "
                                + text(page.properties().get(key)));
                    }
                    return wants;
                }
                : wanted;
    }

    /** What the reading will cost, in calls and time. */
    private static String plan(NotionAccount account, Index<NotionRow> pages) {
        RateLimiter.Limit limit = account.limiter().limits().get(0);
        long known = account.pages().orElseGet(pages::count);
        if (known == 0) {
            return "plan: " + PAGES_A_CALL + " pages a call, at most " + limit + ": "
                    + Text.count((long) limit.calls() * PAGES_A_CALL) + " pages in each "
                    + Text.clock(limit.per());
        }
        long calls = known / PAGES_A_CALL + 1;
        Duration least = limit.per().multipliedBy((calls - 1) / limit.calls());
        return "plan: " + Text.count(known) + " pages are " + Text.count(calls) + " calls, at least "
                + Text.clock(least) + " at " + limit + "; then a call for each page to be changed";
    }
}
