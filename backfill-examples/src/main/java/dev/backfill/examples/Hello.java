package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The smallest job: a list in pages, printed; its progress is kept, so a second run has nothing to do. */
@Command(
        name = "hello",
        description = "The smallest job: prints a list page by page; run it twice.",
        mixinStandardHelpOptions = true)
public final class Hello implements Callable<Integer> {

    private static final int PAGE = 10;

    @Option(names = "--home", paramLabel = "DIR", description = "where progress is kept (default: ${DEFAULT-VALUE})")
    private Path home = Path.of("backfill-home");

    private Hello() {}

    /** What it reads. */
    record Post(int id, String title) {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(Main.run(new Hello(), arguments));
    }

    @Override
    public Integer call() {
        List<Post> api = IntStream.rangeClosed(1, 45)
                .mapToObj(id -> new Post(id, "Post " + id))
                .toList();

        Source<Post> posts = from -> {
            int start = from.orElse(0);
            List<Post> found = api.subList(start, Math.min(start + PAGE, api.size()));
            return found.isEmpty() ? Page.last(found) : Page.of(found, start + found.size());
        };

        return Exit.code(report(Backfill.named("hello")
                .from(posts)
                .into(batch -> batch.forEach(post -> System.out.println(post.title())))
                .checkpoint(FileCheckpoint.in(home.resolve("progress")))));
    }

    private static dev.backfill.Report report(Backfill job) {
        dev.backfill.Report report = job.run();
        System.out.println(report);
        return report;
    }
}
