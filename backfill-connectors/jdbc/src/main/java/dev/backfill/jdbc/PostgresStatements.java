package dev.backfill.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The statements that write rows of one shape into PostgreSQL: one array for each column, so that the text is the same for any number of
 * rows. The rows are numbered, so that each can be told what became of it.
 */
final class PostgresStatements {

    /** Types whose arrays are read from a text at once; values of others are texts first and each is made one of the type. */
    private static final Set<String> OWN = Set.of("boolean", "date", "double precision", "numeric", "real", "uuid");

    private final Shape shape;
    private final List<Integer> whole;
    private final Plan plan;
    private final Dialect dialect;
    private final String table;

    private PostgresStatements(Shape shape, List<Integer> whole, Plan plan, Dialect dialect) {
        this.dialect = dialect;
        this.whole = whole;
        this.shape = shape;
        this.plan = plan;
        this.table = plan.table().sql();
    }

    /**
     * @param whole the places of columns that come as whole numbers, times as microseconds since 1970; all others come as the
     *     text of an array
     * @param orderly whether an update locks rows in an order that all writers have in common
     */
    static String of(Shape shape, List<Integer> whole, boolean orderly, Plan plan, Dialect dialect) {
        PostgresStatements statements = new PostgresStatements(shape, whole, plan, dialect);
        if (!plan.rule().updates()) {
            return statements.insert();
        }
        return orderly ? statements.orderlyUpdate() : statements.update();
    }

    /** The records as rows: {@code c0} and so on are the columns. */
    private String records() {
        return "SELECT " + values(shape.inserted(plan)) + " FROM (SELECT " + unnested(shape.inserted(plan)) + ") AS u";
    }

    /** The same with {@code o}, the number; their own number is the parameter behind the columns. */
    private String numbered(List<Integer> places) {
        return "SELECT o, " + values(places) + " FROM (SELECT " + unnested(places)
                + ", generate_series(1, ?::bigint) AS o) AS u";
    }

    private String values(List<Integer> places) {
        return joined(places, ", ", place -> value(place) + " AS c" + place);
    }

    /** Side by side in one list, for as a table each array would be copied as a whole first. */
    private String unnested(List<Integer> places) {
        return joined(places, ", ", place -> "unnest(" + parameter(place) + ") AS c" + place);
    }

    private String parameter(int place) {
        if (whole.contains(place)) {
            return "?::bigint[]";
        }
        String type = column(place).type();
        return "?::text::" + (OWN.contains(type) ? type : "text") + "[]";
    }

    private String value(int place) {
        if (whole.contains(place) && isTime(column(place))) {
            return "'epoch'::timestamptz + u.c" + place + " * interval '1 microsecond'";
        }
        return "u.c" + place + "::" + column(place).type();
    }

    static boolean isTime(Column column) {
        return column.type().equals("timestamp with time zone");
    }

    /**
     * Tells how many rows were written and how many of them are new; and unless all met the same fate, their numbers, those of changed
     * rows as negative ones. A row that was inserted has no earlier version ({@code xmax}); one that stays the same is not written at all.
     * The parameters behind those of the records are their number, their keys and their number: the whole records are used once, so that the
     * database need not keep them. Their rows are written in the order in which they are sent, which all writers have in common.
     */
    private String insert() {
        List<Integer> places = shape.inserted(plan);
        List<String> names = new ArrayList<>(
                places.stream().map(place -> column(place).sql()).toList());
        List<String> values =
                new ArrayList<>(places.stream().map(place -> "c" + place).toList());
        for (String name : plan.onInsert().keySet()) {
            Column column = plan.columns().get(name);
            names.add(Dialect.quote(name));
            values.add("?::text::" + (column == null ? "text" : column.type()));
        }
        return "WITH u AS (" + records() + "), w AS (INSERT INTO " + table + " AS t (" + String.join(", ", names)
                + ") SELECT " + String.join(", ", values) + " FROM u ON CONFLICT ("
                + keys(", ", (place, i) -> column(place).sql()) + ") DO " + onConflict() + " RETURNING "
                + keys(", ", (place, i) -> "t." + column(place).sql() + " AS k" + i) + ", "
                + (plan.tellsNewRows() ? "t.xmax = 0" : "NULL::boolean")
                + " AS inserted) SELECT written, new, CASE WHEN "
                + "written IN (0, ?::bigint) AND new IN (0, written) THEN NULL ELSE (SELECT coalesce(array_agg(CASE WHEN "
                + isNew()
                + " THEN u.o ELSE -u.o END), '{}') FROM w JOIN (" + numbered(shape.keys())
                + ") AS u ON "
                + keys(" AND ", (place, i) -> "u.c" + place + " = w.k" + i)
                + ") END FROM (SELECT count(*) AS written, count(*) FILTER (WHERE " + isNew() + ") AS new FROM w) AS n";
    }

    private String onConflict() {
        Changes changes = changes("excluded");
        return plan.rule().ifAbsent() || changes.none()
                ? "NOTHING"
                : "UPDATE SET " + changes.sets() + " WHERE " + changes.when();
    }

    /** Whether the row is new: as the statement says, or else because it was not there when the statement began. */
    private String isNew() {
        return plan.tellsNewRows()
                ? "w.inserted"
                : "NOT EXISTS (SELECT 1 FROM " + table + " AS e WHERE "
                        + keys(" AND ", (place, i) -> "e." + column(place).sql() + " = w.k" + i) + ")";
    }

    /**
     * Tells how many rows were changed; and unless each record has changed one, the numbers of those that are there, of unchanged ones as
     * negative, and whether two records mean the same row. The parameters behind those of the records are their number, twice, and, as for
     * {@link #insert}, their keys and their number.
     */
    private String update() {
        return "WITH u AS (" + numbered(shape.inserted(plan)) + ")" + changed("u")
                + told(
                        "(SELECT u.o, " + rowKeys() + " FROM (" + numbered(shape.keys()) + ") AS u JOIN " + table
                                + " AS t ON " + found() + ")",
                        "");
    }

    /**
     * For records that differ in nothing but a key that is a whole number: the rows are found by an array and not by a join, which takes a
     * good fifth off. Tells how many rows were changed, and how many keys they have. The parameters are what the records have in common,
     * and their keys. The former is kept from being put into each place ({@code OFFSET 0}), where it would be made of its text for each row.
     */
    static String commonUpdate(Shape shape, Plan plan, Dialect dialect) {
        PostgresStatements of = new PostgresStatements(shape, List.of(), plan, dialect);
        String key = of.column(shape.keys().get(0)).sql();
        Changes changes = of.changes("u");
        String common = joined(
                shape.changing(plan),
                ", ",
                place -> "?::text::" + of.column(place).type() + " AS c" + place);
        return "WITH w AS (UPDATE " + of.table + " AS t SET " + changes.sets() + " FROM (SELECT " + common
                + " OFFSET 0) AS u WHERE t." + key + " = ANY (?::bigint[]) AND (" + changes.when() + ") RETURNING t."
                + key + " AS k) SELECT count(*), count(DISTINCT k) FROM w";
    }

    /**
     * The same as {@link #update}, which locks the rows in the order of the records before it changes any, so that two of these never wait
     * for each other, and counts the rows that a record means, for a key that may not be unique. It costs nearly half as much again, and
     * has no parameter behind the number of the records.
     */
    private String orderlyUpdate() {
        return "WITH u AS (" + numbered(shape.inserted(plan)) + "), e AS (SELECT u.o, " + rowKeys() + " FROM u JOIN "
                + table + " AS t ON "
                + found() + " ORDER BY u.o FOR NO KEY UPDATE OF t)" + changed("u JOIN e ON e.o = u.o")
                + told("e", " AND (SELECT count(*) FROM e) = changed");
    }

    private String found() {
        return keys(" AND ", (place, i) -> "t." + column(place).sql() + " = u.c" + place);
    }

    private String rowKeys() {
        return keys(", ", (place, i) -> "t." + column(place).sql() + " AS k" + i);
    }

    private String changed(String from) {
        Changes changes = changes("u");
        return changes.none()
                ? ", w AS (SELECT 0::bigint AS o WHERE false)"
                : ", w AS (UPDATE " + table + " AS t SET " + changes.sets() + " FROM " + from + " WHERE " + found()
                        + " AND (" + changes.when() + ") RETURNING u.o)";
    }

    private String told(String there, String more) {
        return " SELECT d.changed, y.numbers, coalesce(y.most, 1) FROM (SELECT changed, changed = ?::bigint AND changed ="
                + " different" + more
                + " AS alike FROM (SELECT count(*) AS changed, count(DISTINCT o) AS different FROM w) AS c)"
                + " AS d LEFT JOIN LATERAL (SELECT array_agg(CASE WHEN x.changed THEN x.o ELSE -x.o END) AS numbers,"
                + " max(x.n) AS most FROM (SELECT e.o, w.o IS NOT NULL AS changed, row_number() OVER (PARTITION BY "
                + keys(", ", (place, i) -> "e.k" + i) + " ORDER BY e.o) AS n FROM " + there
                + " AS e LEFT JOIN w ON w.o = e.o WHERE NOT d.alike) AS x) AS y ON true";
    }

    /** Tells the numbers of the records whose key equals one before it, by the collations of the columns. */
    static String twins(Shape shape, Plan plan, Dialect dialect) {
        PostgresStatements of = new PostgresStatements(shape, List.of(), plan, dialect);
        String keys = of.keys(", ", (place, i) -> of.column(place).sql());
        return "SELECT o FROM (SELECT o, row_number() OVER (PARTITION BY " + keys
                + " ORDER BY o) AS n FROM (SELECT " + keys + ", 0::bigint AS o FROM " + of.table // for the collations
                + " WHERE false UNION ALL SELECT "
                + of.keys(
                        ", ",
                        (place, i) -> "u.c" + place + "::" + of.column(place).type()) + ", u.o FROM unnest("
                + of.keys(", ", (place, i) -> "?::text::text[]") + ") WITH ORDINALITY AS u ("
                + of.keys(", ", (place, i) -> "c" + place) + ", o)) AS all_keys) AS numbered WHERE n > 1";
    }

    private Changes changes(String from) {
        return Changes.of(
                shape,
                plan,
                place -> from.equals("u")
                        ? "u.c" + place
                        : from + "." + column(place).sql(),
                dialect::differ);
    }

    private Column column(int place) {
        return shape.columns().get(place);
    }

    private interface Part {
        String of(int place);
    }

    private static String joined(List<Integer> places, String between, Part part) {
        return places.stream().map(part::of).collect(Collectors.joining(between));
    }

    private interface KeyPart {
        String of(int place, int number);
    }

    private String keys(String between, KeyPart part) {
        return IntStream.range(0, shape.keys().size())
                .mapToObj(i -> part.of(shape.keys().get(i), i))
                .collect(Collectors.joining(between));
    }
}
