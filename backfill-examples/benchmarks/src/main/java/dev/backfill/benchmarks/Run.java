package dev.backfill.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * What one run of a contender took.
 *
 * @param wall seconds from the start of its process to its end
 * @param inside seconds of it without the start of the process
 * @param cpu processor seconds of its process
 * @param postgres processor seconds of PostgreSQL meanwhile
 * @param standIn processor seconds of the stand-in meanwhile
 * @param first seconds from the start of its process until something was committed
 * @param resident megabytes of memory at most
 * @param heap megabytes of heap at most, as a bound
 * @param live megabytes of heap that the last collection left
 * @param calls of the stand-in
 * @param load of the machine before the run
 */
record Run(
        String contender,
        int round,
        double wall,
        double inside,
        double cpu,
        double postgres,
        double standIn,
        double first,
        double resident,
        double heap,
        double live,
        long calls,
        double load) {

    static final String HEADER =
            "contender,round,wall,inside,cpu,postgres,stand_in,first,resident,heap,live,calls,load";

    double allCpu() {
        return cpu + postgres + standIn;
    }

    String line() {
        return contender + "," + round + ","
                + String.join(
                        ",",
                        List.of(wall, inside, cpu, postgres, standIn, first, resident, heap, live).stream()
                                .map(number -> String.format(Locale.ROOT, "%.3f", number))
                                .toList())
                + "," + calls + "," + load;
    }
}
