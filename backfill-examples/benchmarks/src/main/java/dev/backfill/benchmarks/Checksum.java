package dev.backfill.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What a column holds in all rows together, for a comparison that is cheap and notices whatever is lost, doubled or garbled in bulk.
 *
 * @param rows how many rows there are
 * @param values how many of them have a value
 * @param sum of the numbers, of the milliseconds of times, of the lengths of texts, of what is true
 */
record Checksum(long rows, long values, BigDecimal sum) {

    private static final JsonFactory JSON = new JsonFactory();

    private static final class Sum {
        long values;
        BigDecimal sum = BigDecimal.ZERO;
        long whole;

        Checksum of(long rows) {
            return new Checksum(rows, values, sum.add(BigDecimal.valueOf(whole)).stripTrailingZeros());
        }
    }

    /** Of a JSON object a line. */
    static Map<String, Checksum> ofLines(BufferedReader lines) throws IOException {
        Map<String, Sum> sums = new TreeMap<>();
        long rows = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            rows++;
            try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line)) {
                json.nextToken();
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    Sum sum = sums.computeIfAbsent(json.currentName(), name -> new Sum());
                    JsonToken token = json.nextToken();
                    sum.values += token == JsonToken.VALUE_NULL ? 0 : 1;
                    switch (token) {
                        case VALUE_STRING -> {
                            String text = json.getString();
                            sum.whole += text.codePointCount(0, text.length());
                        }
                        case VALUE_NUMBER_INT -> sum.whole += json.getLongValue();
                        case VALUE_NUMBER_FLOAT -> sum.sum = sum.sum.add(json.getDecimalValue());
                        case VALUE_TRUE -> sum.whole++;
                        default -> {}
                    }
                }
            }
        }
        Map<String, Checksum> all = new TreeMap<>();
        for (Map.Entry<String, Sum> sum : sums.entrySet()) {
            all.put(sum.getKey(), sum.getValue().of(rows));
        }
        return all;
    }

    /** Of a table, by one pass over it. */
    static Map<String, Checksum> ofTable(Postgres postgres, String table) throws SQLException {
        List<String> names = postgres.list("SELECT attname FROM pg_attribute WHERE attrelid = '" + table
                + "'::regclass AND attnum > 0 ORDER BY 1");
        List<String> parts = new ArrayList<>();
        for (String name : names) {
            String type = postgres.ask("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = '" + table
                    + "'::regclass AND attname = '" + name + "'");
            String sum = switch (type) {
                case "text" -> "sum(length(" + name + ")::bigint)";
                case "boolean" -> "count(*) FILTER (WHERE " + name + ")";
                case "timestamp with time zone" -> "sum((extract(epoch FROM " + name + ") * 1000)::bigint)";
                default -> "sum(" + name + ")";
            };
            parts.add("count(" + name + ") || ' ' || coalesce(" + sum + ", 0)");
        }
        String row = postgres.ask(
                "SELECT count(*) || ';' || concat_ws(';', " + String.join(", ", parts) + ") FROM " + table);
        String[] found = row.split(";", -1);
        Map<String, Checksum> all = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            String[] pair = found[i + 1].split(" ", 2);
            all.put(
                    names.get(i),
                    new Checksum(
                            Long.parseLong(found[0]),
                            Long.parseLong(pair[0]),
                            new BigDecimal(pair[1]).stripTrailingZeros()));
        }
        return all;
    }
}
