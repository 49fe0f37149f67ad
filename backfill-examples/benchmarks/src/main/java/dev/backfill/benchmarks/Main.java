package dev.backfill.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The benchmarks, from the command line. */
@Command(
        name = "backfill-benchmarks",
        description = "The same work done by this library and by others, side by side.",
        mixinStandardHelpOptions = true,
        subcommands = {CommandLine.HelpCommand.class})
public final class Main implements Runnable {

    /** What all workloads take. */
    static final class Options {
        @Option(
                names = "--rounds",
                paramLabel = "N",
                description = "how often each contender runs (default: ${DEFAULT-VALUE})")
        int rounds = 5;

        @Option(names = "--out", paramLabel = "DIR", description = "for tables and plots (default: ${DEFAULT-VALUE})")
        Path out = Path.of("target", "benchmarks");

        @Option(
                names = "--contenders",
                paramLabel = "NAME",
                split = ",",
                description = "who runs, as ours,script (default: all)")
        List<String> contenders = List.of();

        @Option(
                names = "--parallel",
                paramLabel = "N",
                description = "how much goes on side by side (default: as suits the workload)")
        int parallel = 0;

        @Option(names = "--automatic", description = "leaves that number to this library where it is its own")
        boolean automatic;

        @Option(
                names = "--java",
                paramLabel = "OPTION",
                split = " ",
                description = "of the contenders' JVM (default: ${DEFAULT-VALUE})")
        List<String> java = List.of("-Xmx512m", "-XX:+UseG1GC");
    }

    private Main() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.exit(new CommandLine(new Main())
                .addSubcommand(new W1())
                .addSubcommand(new W2())
                .addSubcommand(new W3())
                .addSubcommand(new W4())
                .addSubcommand(new Restart())
                .addSubcommand(new Idle())
                .addSubcommand(new Micro())
                .execute(arguments));
    }

    @Override
    public void run() {
        new CommandLine(this).usage(System.out);
    }

    @Command(name = "w1", description = "Blaze windows to PostgreSQL.", mixinStandardHelpOptions = true)
    static final class W1 implements Callable<Integer> {
        @Mixin
        Options options = new Options();

        @Option(
                names = "--transactions",
                paramLabel = "N",
                description = "of about five items each (default: 200000, or fewer where calls take long)")
        int transactions = 0;

        @Option(names = "--latency", paramLabel = "MS", description = "of each call (default: ${DEFAULT-VALUE})")
        int latency = 0;

        @Option(names = "--jitter", paramLabel = "MS", description = "on top of it at most (default: ${DEFAULT-VALUE})")
        int jitter = 0;

        @Override
        public Integer call() throws Exception {
            int usual = latency < 10 ? 200_000 : latency < 50 ? 40_000 : 20_000;
            int atOnce = latency < 10 ? 4 : latency < 50 ? 8 : 32;
            return measure(
                    new BlazeWorkload(transactions > 0 ? transactions : usual, latency, jitter), options, atOnce);
        }
    }

    @Command(name = "w3", description = "Table to table.", mixinStandardHelpOptions = true)
    static final class W3 implements Callable<Integer> {
        @Mixin
        Options options = new Options();

        @Option(names = "--rows", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
        int rows = 1_000_000;

        @Override
        public Integer call() throws Exception {
            return measure(new CopyWorkload(rows), options, 4);
        }
    }

    @Command(
            name = "w2",
            description = "Inventory: PostgreSQL to itself and Typesense.",
            mixinStandardHelpOptions = true)
    static final class W2 implements Callable<Integer> {
        @Mixin
        Options options = new Options();

        @Option(names = "--products", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
        int products = 500_000;

        @Override
        public Integer call() throws Exception {
            return measure(new InventoryWorkload(products), options, 4);
        }
    }

    @Command(
            name = "w4",
            description = "From nowhere to nowhere: what a record and a batch cost.",
            mixinStandardHelpOptions = true)
    static final class W4 implements Callable<Integer> {
        @Mixin
        Options options = new Options();

        @Option(
                names = "--progress",
                paramLabel = "KIND",
                description = "where progress is kept: memory, file or postgres (default: ${DEFAULT-VALUE})")
        String progress = "memory";

        @Option(names = "--records", paramLabel = "N", description = "default: 10000000 with postgres, 50000000 else")
        int records = 0;

        @Override
        public Integer call() throws Exception {
            int usual = progress.equals("postgres") ? 10_000_000 : 50_000_000;
            return measure(new EmptyWorkload(progress, records > 0 ? records : usual), options, 1);
        }
    }

    private static int measure(Workload workload, Options options, int atOnce) throws Exception {
        List<String> contenders = options.contenders.isEmpty()
                ? new ArrayList<>(Contenders.of(workload.kind()).keySet())
                : options.contenders;
        Path out = options.out.toAbsolutePath();
        Files.createDirectories(out);
        String machine = Machine.described();
        System.out.println(workload.title() + "\n" + machine);
        try (Postgres postgres = Postgres.start(out.resolve("postgres"));
                workload) {
            workload.prepare(postgres);
            String version = "PostgreSQL " + postgres.ask("SHOW server_version");
            System.out.printf("%s; %,d %s%n", version, workload.records(), workload.unit());
            int parallel = options.parallel > 0 ? options.parallel : atOnce;
            List<Run> runs = new Bench(workload, postgres, parallel, options.automatic, options.java, out)
                    .rounds(contenders, options.rounds);
            Summary summary = new Summary(workload, runs, machine + "; " + version, parallel, options.java);
            summary.write(out);
            System.out.println("\n" + summary.markdown());
        }
        return 0;
    }
}
