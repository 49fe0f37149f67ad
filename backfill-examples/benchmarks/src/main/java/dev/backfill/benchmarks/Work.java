package dev.backfill.benchmarks;

import dev.backfill.Backfill;
import java.nio.file.Path;
import java.util.List;

/**
 * What is to be done, and where.
 *
 * @param port of PostgreSQL on this machine
 * @param vendor the address of the stand-in of the vendor; empty if there is none
 * @param parallel how much goes on side by side, where a contender has a choice
 * @param automatic whether this library chooses that number by itself
 * @param size of the workload, in its own unit
 * @param folder for files of the contender's own; empty at first
 */
public record Work(int port, String vendor, int parallel, boolean automatic, int size, Path folder) {

    /** The user of the database, who needs no password. */
    public static final String USER = "postgres";

    /** The database for a driver. */
    public String database() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** A job of this library with as much side by side as is said. */
    public Backfill sideBySide(Backfill job) {
        return automatic ? job : job.parallel(parallel);
    }

    List<String> arguments() {
        return List.of("" + port, vendor, "" + parallel, "" + automatic, "" + size, folder.toString());
    }

    static Work of(List<String> arguments) {
        return new Work(
                Integer.parseInt(arguments.get(0)),
                arguments.get(1),
                Integer.parseInt(arguments.get(2)),
                Boolean.parseBoolean(arguments.get(3)),
                Integer.parseInt(arguments.get(4)),
                Path.of(arguments.get(5)));
    }
}
