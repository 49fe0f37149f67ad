package dev.backfill.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Runs the contenders of a workload by turns, each in a process of its own, and looks at what each has done. */
final class Bench {

    private final Workload workload;
    private final Postgres postgres;
    private final int parallel;
    private final boolean automatic;
    private final List<String> options;
    private final Path folder;

    /** @param options of the contenders' JVM */
    Bench(Workload workload, Postgres postgres, int parallel, boolean automatic, List<String> options, Path folder) {
        this.workload = workload;
        this.postgres = postgres;
        this.parallel = parallel;
        this.automatic = automatic;
        this.options = List.copyOf(options);
        this.folder = folder;
    }

    /**
     * In each round each contender runs once; the one that was first in the last round is last in the next. One run before that is not
     * counted: the stand-in and the database become fast in it, at the cost of whoever is first.
     */
    List<Run> rounds(List<String> contenders, int rounds) throws Exception {
        Run ignored = run(contenders.get(0), 0);
        List<String> order = new ArrayList<>(contenders);
        List<Run> runs = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            for (String contender : order) {
                Run run = run(contender, round);
                runs.add(run);
                System.out.printf(
                        Locale.ROOT,
                        "round %d  %-14s %7.2f s  %,11.0f %s/s  cpu %6.2f  postgres %6.2f  stand-in %6.2f  first %5.2f s"
                                + "  rss %4.0f MB  heap %4.0f MB  live %3.0f MB  calls %d  load %.1f%n",
                        round,
                        contender,
                        run.wall(),
                        workload.records() / workload.seconds(run),
                        workload.unit(),
                        run.cpu(),
                        run.postgres(),
                        run.standIn(),
                        run.first(),
                        run.resident(),
                        run.heap(),
                        run.live(),
                        run.calls(),
                        run.load());
            }
            Collections.rotate(order, -1);
        }
        return runs;
    }

    private Run run(String contender, int round) throws Exception {
        Path own = folder.resolve("work");
        remove(own);
        Files.createDirectories(own);
        workload.reset(postgres);
        postgres.run("CHECKPOINT");
        double load = Machine.load();
        String url = workload.standIn().map(StandIn::url).orElse("");
        long calls = workload.calls();
        double database = postgres.cpuSeconds();
        double vendor = standInSeconds();

        List<String> command = new ArrayList<>(Java.command(options.toArray(String[]::new)));
        command.add(Child.class.getName());
        command.add(workload.kind());
        command.add(contender);
        command.addAll(new Work(postgres.port(), url, parallel, automatic, workload.size(), own).arguments());
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        AtomicLong first = new AtomicLong(Long.MAX_VALUE);
        Thread watch = watch(process, first);
        Map<String, Double> said = said(process);
        int code = process.waitFor();
        long end = System.nanoTime();
        watch.join();

        double databaseAfter = postgres.cpuSeconds();
        double vendorAfter = standInSeconds();
        if (code != 0) {
            throw new IllegalStateException(contender + " has ended with " + code);
        }
        Optional<String> wrong = workload.wrong(postgres);
        if (wrong.isPresent()) {
            throw new IllegalStateException(contender + " has done it wrong: " + wrong.get());
        }
        return new Run(
                contender,
                round,
                (end - begin) / 1e9,
                said.getOrDefault("inside", 0.0),
                said.getOrDefault("cpu", 0.0),
                databaseAfter - database,
                vendorAfter - vendor,
                (Math.min(first.get(), end) - begin) / 1e9,
                said.getOrDefault("rss", 0.0),
                said.getOrDefault("heap", 0.0),
                said.getOrDefault("live", 0.0),
                workload.calls() - calls,
                load);
    }

    private double standInSeconds() throws IOException {
        Optional<StandIn> vendor = workload.standIn();
        return vendor.isPresent() ? vendor.get().cpuSeconds() : 0;
    }

    /** Asks every five milliseconds until something is there, which costs next to nothing. */
    private Thread watch(Process process, AtomicLong first) {
        Thread watch = new Thread(() -> {
            try {
                Optional<String> begun = workload.begun();
                while (begun.isPresent()
                        && process.isAlive()
                        && postgres.ask(begun.get()).isEmpty()) {
                    Thread.sleep(5);
                }
                first.set(System.nanoTime());
            } catch (Exception e) {
                System.err.println("the first record was not seen: " + e);
            }
        });
        watch.start();
        return watch;
    }

    /** Passes on what a contender says, but for the line about what it took. */
    private static Map<String, Double> said(Process process) throws IOException {
        Map<String, Double> said = new HashMap<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(Child.MEASURED)) {
                    for (String pair :
                            line.substring(Child.MEASURED.length()).strip().split(" ", -1)) {
                        said.put(
                                pair.substring(0, pair.indexOf('=')),
                                Double.valueOf(pair.substring(pair.indexOf('=') + 1)));
                    }
                } else {
                    System.out.println("    " + line);
                }
            }
        }
        return said;
    }

    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(one);
                }
            }
        }
    }
}
