package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.BinaryRows;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.sym.PropertyNameMatcher;
import tools.jackson.core.util.Named;

/** From a page of JSON straight to the rows of its items, without an object in between. */
final class ItemParser {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int END = PropertyNameMatcher.MATCH_END_OBJECT;

    private static final PropertyNameMatcher PAGE = matcher("values", "total");
    private static final PropertyNameMatcher TRANSACTION = matcher("id", "modified", "cart");
    private static final PropertyNameMatcher CART = matcher("items");

    /** The column of a name is its place among all. */
    private static final PropertyNameMatcher ITEM =
            matcher(Field.ALL.stream().map(Field::json).toArray(String[]::new));

    private final BinaryRows cells = new BinaryRows(1 << 12);
    private final int[] from = new int[Field.ALL.size()];
    private final int[] to = new int[Field.ALL.size()];
    private final BinaryRows transaction = new BinaryRows(64);
    private long transactionModified;

    /** Compares the bytes of names as they come, so that no text is made of them. */
    private static PropertyNameMatcher matcher(String... names) {
        return JSON.constructNameMatcher(Stream.of(names).map(Named::fromString).toList(), false);
    }

    /**
     * A page.
     *
     * @param transactions how many it had
     * @param total how many its window has
     */
    record Page(BinaryRows items, int transactions, int total) {}

    Page parse(ByteBuffer body) {
        BinaryRows items = new BinaryRows(1 << 18);
        int transactions = 0;
        int total = 0;
        try (JsonParser json =
                JSON.createParser(ObjectReadContext.empty(), body.array(), body.arrayOffset(), body.limit())) {
            json.nextToken();
            for (int name = json.nextNameMatch(PAGE); name != END; name = json.nextNameMatch(PAGE)) {
                JsonToken value = json.nextToken();
                if (name == 0 && value == JsonToken.START_ARRAY) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        transactions++;
                        transaction(json, items);
                    }
                } else if (name == 1) {
                    total = json.getIntValue();
                } else {
                    json.skipChildren();
                }
            }
        }
        return new Page(items, transactions, total);
    }

    private void transaction(JsonParser json, BinaryRows items) {
        transaction.clear();
        transactionModified = 0;
        for (int name = json.nextNameMatch(TRANSACTION); name != END; name = json.nextNameMatch(TRANSACTION)) {
            JsonToken value = json.nextToken();
            switch (name) {
                case 0 -> text(json, transaction);
                case 1 -> transactionModified = value == JsonToken.VALUE_NULL ? 0 : json.getLongValue();
                case 2 -> cart(json, items);
                default -> json.skipChildren();
            }
        }
    }

    private void cart(JsonParser json, BinaryRows items) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        for (int name = json.nextNameMatch(CART); name != END; name = json.nextNameMatch(CART)) {
            if (json.nextToken() == JsonToken.START_ARRAY && name == 0) {
                while (json.nextToken() == JsonToken.START_OBJECT) {
                    item(json, items);
                }
            } else {
                json.skipChildren();
            }
        }
    }

    /** The id and the time of a transaction stand before its cart, as this API always has it. */
    private void item(JsonParser json, BinaryRows items) {
        if (transaction.size() == 0 || transactionModified == 0) {
            throw new IllegalStateException("a cart came before the id and the time of its transaction");
        }
        cells.clear();
        Arrays.fill(to, 0);
        long modified = transactionModified;
        boolean deleted = false;
        for (int place = json.nextNameMatch(ITEM); place != END; place = json.nextNameMatch(ITEM)) {
            JsonToken value = json.nextToken();
            if (place < 0) {
                json.skipChildren();
            } else if (value != JsonToken.VALUE_NULL) {
                if (place == Field.MODIFIED) {
                    modified = Math.max(modified, json.getLongValue());
                } else if (place == Field.DELETED) {
                    deleted = json.getBooleanValue();
                } else {
                    cell(json, place);
                }
            }
        }
        items.row(from.length).part(transaction, 0, transaction.size());
        for (int i = 1; i < from.length; i++) {
            if (i == Field.MODIFIED) {
                items.time(modified * 1_000);
            } else if (i == Field.DELETED) {
                items.flag(deleted);
            } else if (to[i] > 0) {
                items.part(cells, from[i], to[i]);
            } else {
                items.none();
            }
        }
    }

    private void cell(JsonParser json, int place) {
        int begin = cells.size();
        switch (Field.ALL.get(place).kind()) {
            case TEXT -> text(json, cells);
            case NUMBER -> cells.decimal(json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
            case TIME -> {
                long millis = json.getLongValue();
                if (millis == 0) {
                    return;
                }
                cells.time(millis * 1_000);
            }
            case FLAG -> cells.flag(json.getBooleanValue());
        }
        from[place] = begin;
        to[place] = cells.size();
    }

    private static void text(JsonParser json, BinaryRows into) {
        into.text(json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
    }
}
