package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.BinaryRows;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** From a page of JSON straight to the rows of its items, without an object in between. */
final class ItemParser {

    private static final JsonFactory JSON = new JsonFactory();

    private final Map<String, Integer> places = new HashMap<>();
    private final BinaryRows cells = new BinaryRows(1 << 12);
    private final int[] from = new int[Field.ALL.size()];
    private final int[] to = new int[Field.ALL.size()];
    private final BinaryRows transaction = new BinaryRows(64);
    private long transactionModified;

    ItemParser() {
        for (int i = 1; i < Field.ALL.size(); i++) {
            places.put(Field.ALL.get(i).json(), i);
        }
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
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("values") && value == JsonToken.START_ARRAY) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        transactions++;
                        transaction(json, items);
                    }
                } else if (name.equals("total")) {
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
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "id" -> text(json, transaction);
                case "modified" -> transactionModified = value == JsonToken.VALUE_NULL ? 0 : json.getLongValue();
                case "cart" -> cart(json, items);
                default -> json.skipChildren();
            }
        }
    }

    private void cart(JsonParser json, BinaryRows items) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean lines = json.currentName().equals("items");
            if (json.nextToken() == JsonToken.START_ARRAY && lines) {
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
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            Integer place = places.get(json.currentName());
            JsonToken value = json.nextToken();
            if (place == null) {
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
