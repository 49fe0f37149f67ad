package dev.backfill.simulators;

import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The documents that were there at the start: products first, then those that only Typesense has. They are never stored. */
final class TypesenseSeed {

    private static final String HERE = "ts-";

    private final long seed;
    private final int products;
    private final int onlyHere;

    TypesenseSeed(long seed, int products, int onlyHere) {
        this.seed = seed;
        this.products = products;
        this.onlyHere = onlyHere;
    }

    int count() {
        return products + onlyHere;
    }

    /** The place of an id, or -1. */
    int place(String id) {
        boolean here = id.startsWith(HERE);
        int from = here ? HERE.length() : 0;
        int length = id.length();
        if (length <= from || length > from + 9 || id.charAt(from) == '0') {
            return -1;
        }
        int number = 0;
        for (int i = from; i < length; i++) {
            int digit = id.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        if (number > (here ? onlyHere : products)) {
            return -1;
        }
        return here ? products + number - 1 : number - 1;
    }

    String id(int place) {
        return place < products ? String.valueOf(place + 1) : HERE + (place - products + 1);
    }

    private String name(int place) {
        return place < products ? "Product " + (place + 1) : "Only here " + (place - products + 1);
    }

    private BigDecimal price(int place) { // the last digit is never 0, so it is written in one way only
        return BigDecimal.valueOf(Mix.below(10_000, seed, place, 801) * 10L + 5, 2);
    }

    /** Adds those fields to a document that are wanted. */
    void to(Map<String, @Nullable Object> document, int place, TypesenseShown wanted) {
        if (wanted.shows("id")) {
            document.put("id", id(place));
        }
        if (wanted.shows("name")) {
            document.put("name", name(place));
        }
        if (wanted.shows("price")) {
            document.put("price", price(place));
        }
    }

    /** Whether the document has everything that it had at the start, as it was. */
    boolean unharmed(int place, Map<String, @Nullable Object> document) {
        return name(place).equals(document.get("name"))
                && document.get("price") instanceof BigDecimal price
                && price.scale() == 2
                && price.compareTo(price(place)) == 0
                && id(place).equals(document.get("id"));
    }

    /** Whether this is one of the fields that a document has at the start. */
    static boolean original(String field) {
        return field.equals("id") || field.equals("name") || field.equals("price");
    }
}
