package dev.backfill.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How soon a job goes on that was killed in the middle, beside how soon it begins. */
@Command(
        name = "restart",
        description = "Blaze windows to PostgreSQL at 20 ms a call, killed at a third and started again.",
        mixinStandardHelpOptions = true)
final class Restart implements Callable<Integer> {

    private static final int BLOCK = 8_192;

    /** That a block holds, about. */
    private static final int ROWS = 25;

    @Option(names = "--rounds", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
    int rounds = 5;

    @Option(names = "--contenders", paramLabel = "NAME", split = ",", description = "default: ${DEFAULT-VALUE}")
    List<String> contenders = List.of("ours", "limit-jdk", "script");

    @Option(names = "--out", paramLabel = "DIR", description = "for the table (default: ${DEFAULT-VALUE})")
    Path out = Path.of("target", "benchmarks");

    private record Times(double begins, double goesOn) {}

    @Override
    public Integer call() throws Exception {
        Path folder = out.toAbsolutePath();
        Files.createDirectories(folder);
        Map<String, List<Times>> all = new LinkedHashMap<>();
        try (Postgres postgres = Postgres.start(folder.resolve("postgres"));
                BlazeWorkload workload = new BlazeWorkload(40_000, 20, 0)) {
            workload.prepare(postgres);
            for (int round = 0; round <= rounds; round++) {
                for (String contender : contenders) {
                    Times times = killed(workload, postgres, contender, Files.createTempDirectory(folder, contender));
                    System.out.printf(
                            Locale.ROOT,
                            "round %d  %-10s begins after %.2f s, goes on after %.2f s%n",
                            round,
                            contender,
                            times.begins(),
                            times.goesOn());
                    if (round > 0) { // in the first, the stand-in and the database become fast
                        all.computeIfAbsent(contender, name -> new ArrayList<>())
                                .add(times);
                    }
                }
            }
        }
        String table = table(all);
        Files.writeString(folder.resolve("restart.md"), table);
        System.out.println("\n" + table);
        return 0;
    }

    private static Times killed(BlazeWorkload workload, Postgres postgres, String contender, Path own)
            throws Exception {
        workload.reset(postgres);
        postgres.run("CHECKPOINT");
        List<String> command = new ArrayList<>(Java.command("-Xmx512m", "-XX:+UseG1GC"));
        command.addAll(List.of(Child.class.getName(), workload.kind(), contender));
        command.addAll(new Work(
                        postgres.port(),
                        workload.standIn().map(StandIn::url).orElseThrow(),
                        8,
                        true,
                        workload.size(),
                        own)
                .arguments());
        Process first = start(command);
        double begins = secondsUntil(postgres, workload.begun().orElseThrow());
        secondsUntil(postgres, beyond(workload, workload.records() / 3 / ROWS));
        first.destroyForcibly().waitFor();
        while (!postgres.ask("SELECT 1 FROM pg_stat_activity WHERE application_name LIKE '%JDBC%' AND state <> 'idle'"
                        + " AND pid <> pg_backend_pid()")
                .isEmpty()) {
            Thread.sleep(5); // what was on its way when it was killed
        }
        long size = Long.parseLong(postgres.ask("SELECT pg_relation_size('" + workload.table() + "')"));
        Process second = start(command);
        double goesOn = secondsUntil(postgres, beyond(workload, size / BLOCK));
        int code = second.waitFor();
        Optional<String> wrong = workload.wrong(postgres);
        if (code != 0 || wrong.isPresent()) {
            throw new IllegalStateException(contender + " ended with " + code + "; " + wrong.orElse(""));
        }
        return new Times(begins, goesOn);
    }

    /** Whether a row is in the table behind so many blocks of it; rows are put at its end. */
    private static String beyond(BlazeWorkload workload, long blocks) {
        return "SELECT 1 FROM " + workload.table() + " WHERE ctid >= '(" + blocks + ",0)' LIMIT 1";
    }

    private static Process start(List<String> command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static double secondsUntil(Postgres postgres, String query) throws Exception {
        long begin = System.nanoTime();
        while (postgres.ask(query).isEmpty()) {
            if (System.nanoTime() - begin > 120e9) {
                throw new IllegalStateException("nothing came in two minutes: " + query);
            }
            Thread.sleep(5);
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static String table(Map<String, List<Times>> all) {
        StringBuilder table = new StringBuilder("""
                | contender | first record s | after the kill s | ratio (range) |
                | --- | ---: | ---: | ---: |
                """);
        all.forEach((contender, times) -> {
            double[] ratios = times.stream()
                    .mapToDouble(one -> one.goesOn() / one.begins())
                    .sorted()
                    .toArray();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | **%.2f** (%.2f–%.2f) |%n",
                    contender,
                    Summary.median(times.stream().mapToDouble(Times::begins).toArray()),
                    Summary.median(times.stream().mapToDouble(Times::goesOn).toArray()),
                    Summary.median(ratios),
                    ratios[0],
                    ratios[ratios.length - 1]));
        });
        return table.toString();
    }
}
