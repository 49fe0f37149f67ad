package dev.backfill.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What all runs of a workload come to: medians, and ratios of runs of the same round. */
final class Summary {

    private static final String OURS = "ours";

    private final Workload workload;
    private final Map<String, List<Run>> runs = new LinkedHashMap<>();
    private final String machine;
    private final int parallel;
    private final List<String> options;

    Summary(Workload workload, List<Run> all, String machine, int parallel, List<String> options) {
        this.workload = workload;
        this.machine = machine;
        this.parallel = parallel;
        this.options = List.copyOf(options);
        for (Run run : all) {
            runs.computeIfAbsent(run.contender(), name -> new ArrayList<>()).add(run);
        }
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double median(List<Run> of, ToDoubleFunction<Run> what) {
        return median(of.stream().mapToDouble(what).toArray());
    }

    /** How many times as fast as another this library was, in each round. */
    private double[] ratios(String other) {
        List<Double> ratios = new ArrayList<>();
        for (Run ours : runs.getOrDefault(OURS, List.of())) {
            for (Run theirs : runs.getOrDefault(other, List.of())) {
                if (theirs.round() == ours.round()) {
                    ratios.add(workload.seconds(theirs) / workload.seconds(ours));
                }
            }
        }
        return ratios.stream().mapToDouble(Double::doubleValue).toArray();
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("## ").append(workload.title()).append("\n\n");
        text.append(String.format(
                Locale.ROOT,
                "%,d %s, %d rounds, %d side by side, JVM %s. %s, %.1f to %.1f before the runs.%n%n",
                workload.records(),
                workload.unit(),
                runs.values().iterator().next().size(),
                parallel,
                String.join(" ", options),
                machine,
                all(Run::load).min().orElse(0),
                all(Run::load).max().orElse(0)));
        if (workload.batch() > 0) {
            text.append(
                    "| contender | ns/record | µs/batch (range) | ours ÷ it (range) | client CPU µs/batch | PostgreSQL CPU µs/batch"
                            + " | RSS MB | heap MB |\n|---|---:|---:|---:|---:|---:|---:|---:|\n");
            runs.forEach((contender, of) -> text.append(batchRow(contender, of)));
            return text.toString();
        }
        text.append("| contender | " + workload.unit()
                + "/s | wall s (range) | ours ÷ it (range) | client CPU s | PostgreSQL CPU s"
                + " | stand-in CPU s | all CPU µs/record | first record s | RSS MB | heap MB | live MB | calls |\n");
        text.append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        runs.forEach((contender, of) -> text.append(row(contender, of)));
        return text.toString();
    }

    private java.util.stream.DoubleStream all(ToDoubleFunction<Run> what) {
        return runs.values().stream().flatMap(List::stream).mapToDouble(what);
    }

    private String ratio(String contender) {
        double[] ratios = contender.equals(OURS) ? new double[0] : ratios(contender);
        return ratios.length == 0
                ? "-"
                : String.format(
                        Locale.ROOT,
                        "**%.2f** (%.2f–%.2f)",
                        median(ratios),
                        Arrays.stream(ratios).min().orElse(0),
                        Arrays.stream(ratios).max().orElse(0));
    }

    private String batchRow(String contender, List<Run> of) {
        double batches = (double) workload.records() / workload.batch();
        return String.format(
                Locale.ROOT,
                "| %s | %.1f | %.2f (%.2f–%.2f) | %s | %.2f | %.2f | %.0f | %.0f |%n",
                contender,
                median(of, workload::seconds) * 1e9 / workload.records(),
                median(of, workload::seconds) * 1e6 / batches,
                of.stream().mapToDouble(workload::seconds).min().orElse(0) * 1e6 / batches,
                of.stream().mapToDouble(workload::seconds).max().orElse(0) * 1e6 / batches,
                ratio(contender),
                median(of, Run::cpu) * 1e6 / batches,
                median(of, Run::postgres) * 1e6 / batches,
                median(of, Run::resident),
                median(of, Run::heap));
    }

    private String row(String contender, List<Run> of) {
        double wall = median(of, Run::wall);
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %.2f (%.2f–%.2f) | %s | %.2f | %.2f | %.2f | %.1f | %.2f | %.0f | %.0f | %.0f | %,.0f |%n",
                contender,
                workload.records() / wall,
                wall,
                of.stream().mapToDouble(Run::wall).min().orElse(0),
                of.stream().mapToDouble(Run::wall).max().orElse(0),
                ratio(contender),
                median(of, Run::cpu),
                median(of, Run::postgres),
                median(of, Run::standIn),
                median(of, Run::allCpu) * 1e6 / workload.records(),
                median(of, Run::first),
                median(of, Run::resident),
                median(of, Run::heap),
                median(of, Run::live),
                median(of, Run::calls));
    }

    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve(workload.name() + ".md"), markdown());
        List<String> lines = new ArrayList<>(List.of(Run.HEADER));
        runs.values().forEach(of -> of.forEach(run -> lines.add(run.line())));
        Files.write(folder.resolve(workload.name() + ".csv"), lines);
        Plot plot = new Plot(workload.title() + ", " + workload.unit() + " a second");
        runs.forEach((contender, of) -> {
            double most = of.stream().mapToDouble(workload::seconds).max().orElse(1);
            double least = of.stream().mapToDouble(workload::seconds).min().orElse(1);
            plot.bar(
                    contender,
                    workload.records() / median(of, workload::seconds),
                    workload.records() / most,
                    workload.records() / least);
        });
        Files.writeString(folder.resolve(workload.name() + ".svg"), plot.svg());
    }
}
