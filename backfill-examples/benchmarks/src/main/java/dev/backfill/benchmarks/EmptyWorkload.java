package dev.backfill.benchmarks;

import dev.backfill.benchmarks.empty.EmptyContenders;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Workload 4: records from nowhere to nowhere. The contenders count by themselves what they have done. */
final class EmptyWorkload implements Workload {

    private final String progress;
    private final int records;

    EmptyWorkload(String progress, int records) {
        this.progress = progress;
        this.records = records;
    }

    @Override
    public String kind() {
        return "w4-" + progress;
    }

    @Override
    public String name() {
        return kind();
    }

    @Override
    public String title() {
        return "W4: nowhere to nowhere, pages of " + EmptyContenders.PAGE + ", progress in "
                + switch (progress) {
                    case "memory" -> "memory";
                    case "file" -> "a file";
                    default -> "PostgreSQL";
                };
    }

    @Override
    public String unit() {
        return "records";
    }

    @Override
    public long records() {
        return records;
    }

    @Override
    public int size() {
        return records;
    }

    @Override
    public int batch() {
        return EmptyContenders.PAGE;
    }

    @Override
    public void prepare(Postgres postgres) {
        // nothing is there
    }

    @Override
    public Optional<StandIn> standIn() {
        return Optional.empty();
    }

    @Override
    public void reset(Postgres postgres) throws SQLException {
        postgres.forgetAllBut(List.of());
    }

    @Override
    public Optional<String> begun() {
        return Optional.empty();
    }

    @Override
    public Optional<String> wrong(Postgres postgres) {
        return Optional.empty();
    }
}
