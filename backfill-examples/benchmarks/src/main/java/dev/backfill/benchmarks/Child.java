package dev.backfill.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The process in which a contender runs; says at its end what it took. */
final class Child {

    /** Begins the line with which it does. */
    static final String MEASURED = "measured ";

    private Child() {}

    /** Runs one: workload, contender, and what is to be done. */
    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        Contender contender = Contenders.of(given.get(0)).get(given.get(1));
        if (contender == null) {
            throw new IllegalArgumentException("there is no contender " + given.get(1));
        }
        long begin = System.nanoTime();
        contender.run(Work.of(given.subList(2, given.size())));
        Map<String, Object> said = new TreeMap<>();
        said.put("inside", (System.nanoTime() - begin) / 1e9);
        said.put(
                "cpu",
                ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9);
        said.put("rss", Machine.peakResident(ProcessHandle.current().pid()) / 1e6);
        said.put("heap", heap(MemoryPoolMXBean::getPeakUsage) / 1e6);
        said.put("live", heap(MemoryPoolMXBean::getCollectionUsage) / 1e6);
        StringBuilder line = new StringBuilder(MEASURED);
        said.forEach(
                (name, value) -> line.append(name).append('=').append(value).append(' '));
        System.out.println(line);
        System.exit(0);
    }

    /** The peaks of the parts need not have been at the same time, so this is an upper bound. */
    private static double heap(Function<MemoryPoolMXBean, MemoryUsage> usage) throws IOException {
        double sum = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage used = pool.getType() == MemoryType.HEAP ? usage.apply(pool) : null;
            sum += used == null ? 0 : used.getUsed();
        }
        return sum;
    }
}
