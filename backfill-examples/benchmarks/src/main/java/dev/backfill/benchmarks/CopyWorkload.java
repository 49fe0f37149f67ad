package dev.backfill.benchmarks;

import dev.backfill.benchmarks.copy.Copied;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Workload 3: the rows of a table into another one of the same database. */
final class CopyWorkload implements Workload {

    private static final String COLUMNS = "(id bigint PRIMARY KEY, name text NOT NULL, quantity integer NOT NULL,"
            + " price numeric(10, 2) NOT NULL, changed_at timestamptz)";

    private final int rows;

    CopyWorkload(int rows) {
        this.rows = rows;
    }

    @Override
    public String kind() {
        return "w3";
    }

    @Override
    public String name() {
        return "w3";
    }

    @Override
    public String title() {
        return "W3: table to table";
    }

    @Override
    public String unit() {
        return "rows";
    }

    @Override
    public long records() {
        return rows;
    }

    @Override
    public int size() {
        return rows;
    }

    @Override
    public void prepare(Postgres postgres) throws SQLException {
        postgres.run(
                "CREATE TABLE " + Copied.FROM + " " + COLUMNS,
                "INSERT INTO " + Copied.FROM + " SELECT i, 'Row number ' || i, i % 1000, (i % 100000) / 100.0,"
                        + " CASE WHEN i % 10 > 0 THEN timestamptz '2020-01-01 00:00:00Z' + i * interval '40 seconds' END"
                        + " FROM generate_series(1, " + rows + ") AS i",
                "CREATE TABLE " + Copied.TO + " " + COLUMNS);
        postgres.run("VACUUM ANALYZE " + Copied.FROM);
    }

    @Override
    public Optional<StandIn> standIn() {
        return Optional.empty();
    }

    @Override
    public void reset(Postgres postgres) throws SQLException {
        postgres.forgetAllBut(List.of(Copied.FROM, Copied.TO));
        postgres.run("TRUNCATE " + Copied.TO);
    }

    @Override
    public Optional<String> begun() {
        return Optional.of("SELECT 1 FROM " + Copied.TO + " LIMIT 1");
    }

    @Override
    public Optional<String> wrong(Postgres postgres) throws SQLException {
        String count = postgres.ask("SELECT count(*) FROM " + Copied.TO);
        String different = postgres.ask(
                "SELECT count(*) FROM (TABLE " + Copied.FROM + " EXCEPT TABLE " + Copied.TO + ") AS missing");
        return count.equals("" + rows) && different.equals("0")
                ? Optional.empty()
                : Optional.of("the table has " + count + " rows, and " + different + " of " + rows + " are not in it");
    }
}
