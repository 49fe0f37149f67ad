package dev.backfill.simulators;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a collection by their place, which is the order of insertion. A document is kept as JSON in bytes; one that was there
 * at the start only as what was added to it. Not safe for several threads; a view of it is.
 */
final class TypesenseDocuments {

    private static final byte[] GONE = {};
    private static final byte[] AS_AT_FIRST = {};
    private static final byte ADDED = '+';

    private final TypesenseSeed seed;
    private final Map<String, Integer> places = new HashMap<>();
    private byte[][] slots;
    private int size;
    private int count;

    TypesenseDocuments(TypesenseSeed seed) {
        this.seed = seed;
        size = seed.count();
        count = size;
        slots = new byte[size + 16][];
        Arrays.fill(slots, AS_AT_FIRST);
    }

    /** How things were at a moment. Safe for several threads. */
    static final class View {

        private final TypesenseSeed seed;
        private final byte[][] slots;

        private View(TypesenseSeed seed, byte[][] slots) {
            this.seed = seed;
            this.slots = slots;
        }

        /** One more than the last place. */
        int size() {
            return slots.length;
        }

        boolean gone(int place) {
            return slots[place] == GONE;
        }

        /** Whether nothing was ever changed there. */
        boolean asAtFirst(int place) {
            return slots[place] == AS_AT_FIRST;
        }

        /** The document at a place that is not gone. */
        SortedMap<String, @Nullable Object> document(int place) {
            return decoded(seed, place, slots[place], TypesenseShown.ALL);
        }

        /** The places of all that is there, in order. */
        int[] all() {
            int[] places = new int[slots.length];
            int count = 0;
            for (int place = 0; place < slots.length; place++) {
                if (!gone(place)) {
                    places[count++] = place;
                }
            }
            return Arrays.copyOf(places, count);
        }

        /** With some fields left out that are not wanted; empty if it is gone. */
        Optional<SortedMap<String, @Nullable Object>> at(int place, TypesenseShown wanted) {
            return gone(place) ? Optional.empty() : Optional.of(decoded(seed, place, slots[place], wanted));
        }
    }

    View view() {
        return new View(seed, Arrays.copyOf(slots, size));
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** The next place, under which a document without id is kept. */
    int next() {
        return size;
    }

    /** The place of an id, or -1. */
    int place(String id) {
        Integer place = places.get(id);
        if (place != null) {
            return place;
        }
        int original = seed.place(id);
        return original >= 0 && slots[original] != GONE ? original : -1;
    }

    boolean gone(int place) {
        return slots[place] == GONE;
    }

    SortedMap<String, @Nullable Object> document(int place) {
        return decoded(seed, place, slots[place], TypesenseShown.ALL);
    }

    /** @param wanted of the fields that it had at the start; all others are there */
    private static SortedMap<String, @Nullable Object> decoded(
            TypesenseSeed seed, int place, byte[] slot, TypesenseShown wanted) {
        if (!little(slot)) {
            return TypesenseJson.known(new String(slot, StandardCharsets.UTF_8));
        }
        SortedMap<String, @Nullable Object> document = added(slot);
        seed.to(document, place, wanted);
        return document;
    }

    /** Whether there is nothing but what was added to a document that was there at the start. */
    private static boolean little(byte[] slot) {
        return slot == AS_AT_FIRST || slot[0] == ADDED;
    }

    private static SortedMap<String, @Nullable Object> added(byte[] slot) {
        return slot == AS_AT_FIRST
                ? new TreeMap<>()
                : TypesenseJson.known(new String(slot, 1, slot.length - 1, StandardCharsets.UTF_8));
    }

    private byte[] encoded(int place, Map<String, @Nullable Object> document) {
        if (place >= seed.count() || !seed.unharmed(place, document)) {
            return TypesenseJson.write(new JsonBytes(128), document).copy();
        }
        return added(document);
    }

    private static byte[] added(Map<String, @Nullable Object> document) {
        JsonBytes out = new JsonBytes(64).raw("+{");
        String comma = "";
        for (Map.Entry<String, @Nullable Object> entry : document.entrySet()) {
            if (!TypesenseSeed.original(entry.getKey())) {
                out.raw(comma).text(entry.getKey()).raw(":");
                TypesenseJson.write(out, entry.getValue());
                comma = ",";
            }
        }
        return comma.isEmpty() ? AS_AT_FIRST : out.raw("}").copy();
    }

    /** @param part with the document's own id */
    void merge(int place, Map<String, @Nullable Object> part) {
        boolean add = little(slots[place]);
        for (String field : part.keySet()) {
            add = add && (!TypesenseSeed.original(field) || field.equals("id"));
        }
        SortedMap<String, @Nullable Object> document = add ? added(slots[place]) : document(place);
        TypesenseJson.merge(document, part);
        slots[place] = add ? added(document) : encoded(place, document);
    }

    void insert(String id, Map<String, @Nullable Object> document) {
        if (size == slots.length) {
            slots = Arrays.copyOf(slots, size + size / 2);
        }
        slots[size] = encoded(size, document);
        places.put(id, size++);
        count++;
    }

    void replace(int place, Map<String, @Nullable Object> document) {
        slots[place] = encoded(place, document);
    }

    void remove(String id, int place) {
        slots[place] = GONE;
        places.remove(id);
        count--;
    }
}
