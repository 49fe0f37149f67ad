package dev.backfill.simulators;

import static dev.backfill.simulators.BlazeQuirk.DUPLICATE_LINES;
import static dev.backfill.simulators.BlazeQuirk.EMOJI;
import static dev.backfill.simulators.BlazeQuirk.ITEMS_WITHOUT_ID;
import static dev.backfill.simulators.BlazeQuirk.MISSING_ITEMS;
import static dev.backfill.simulators.BlazeQuirk.NULL_CARTS;
import static dev.backfill.simulators.BlazeQuirk.NULL_PRODUCTS;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The transactions as functions of their place in the order of completion; nothing is kept. */
final class BlazeData {

    static final int PRODUCTS = 400;

    private static final int TIE = 1;
    private static final int WITHIN = 2;
    private static final int SHAPE = 3;
    private static final int COUNT = 4;
    private static final int TWIN = 5;
    private static final int ITEM = 6;

    /** How a cart holds its items. */
    enum Cart {
        SOUND,
        NULL,
        NULL_ITEMS,
        NO_ITEMS,
        EMPTY_ITEMS
    }

    final BlazeSettings settings;
    final Time time = Ports.current().time();
    final Set<BlazeQuirk> quirks;
    final int transactions;
    final long begin;
    private final long end;

    BlazeData(BlazeSettings settings) {
        this.settings = settings;
        quirks = settings.quirks;
        transactions = settings.transactions;
        begin = midnight(settings.from);
        end = Math.max(
                begin + 1,
                Math.min(midnight(settings.to.plusDays(1)), time.now().toEpochMilli()));
        if (end - begin < transactions) {
            throw new IllegalArgumentException(transactions + " transactions do not fit between " + settings.from
                    + " and " + settings.to + "; take more days");
        }
    }

    long midnight(LocalDate day) {
        return day.atStartOfDay(settings.zone).toInstant().toEpochMilli();
    }

    long dice(long place, int salt) {
        return Mix.of(settings.seed, place, salt);
    }

    boolean oneIn(int many, long place, int salt) {
        return dice(place, salt) % many == 0;
    }

    /** When a transaction was completed, in milliseconds; never before the one in front of it, sometimes at the same time. */
    long completed(int index) {
        boolean tie = index > 0 && oneIn(97, index, TIE) && !oneIn(97, index - 1L, TIE);
        return spread(tie ? index - 1 : index);
    }

    private long spread(int index) {
        long span = end - begin;
        long slot = Math.max(1, span / transactions);
        return begin + (long) ((double) span * index / transactions) + dice(index, WITHIN) % Math.max(1, slot - 1);
    }

    /** The first transaction that was completed at this time or later. */
    int firstAt(long millis) {
        int low = 0;
        int high = transactions;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (completed(middle) < millis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Every fiftieth transaction is a refund of the one seven places before it. */
    boolean isRefund(int index) {
        return index % 50 == 49;
    }

    boolean wasRefunded(int index) {
        return index % 50 == 42 && index + 7 < transactions;
    }

    Cart cart(int index) {
        int shape = (int) (dice(index, SHAPE) % 200);
        if (shape == 0 && quirks.contains(NULL_CARTS)) {
            return Cart.NULL;
        }
        if (shape >= 1 && shape <= 3 && quirks.contains(MISSING_ITEMS)) {
            return Cart.values()[1 + shape];
        }
        return Cart.SOUND;
    }

    /** How many lines the cart has. */
    int lines(int index) {
        return cart(index) == Cart.SOUND ? 1 + (int) (dice(index, COUNT) % 9) : 0;
    }

    /**
     * One line of a cart; money in ten-thousandths.
     *
     * @param hasId whether it has an id
     * @param hasProduct whether its product is told
     * @param batch where the goods came from; different for two lines that are alike otherwise
     */
    record Line(
            boolean hasId, boolean hasProduct, int product, int quantity, long unitPrice, long discount, long batch) {

        long cost() {
            return unitPrice * quantity;
        }

        long finalPrice() {
            return cost() - discount;
        }

        long tax() {
            return finalPrice() * 8 / 100;
        }
    }

    /** The lines of a cart. */
    List<Line> items(int index) {
        int count = lines(index);
        boolean twins = quirks.contains(DUPLICATE_LINES) && oneIn(20, index, TWIN);
        List<Line> items = new ArrayList<>(count);
        for (int line = 0; line < count; line++) {
            long own = dice(index * 16L + line, ITEM);
            items.add(line(own, twins && line == 1 ? dice(index * 16L, ITEM) : own));
        }
        return items;
    }

    private Line line(long own, long dice) {
        boolean hasId = own % 1_009 != 0 || !quirks.contains(ITEMS_WITHOUT_ID);
        boolean hasProduct = dice % 199 != 0 || !quirks.contains(NULL_PRODUCTS);
        int product = (int) (dice / 199 % PRODUCTS);
        long more = dice / 199 / PRODUCTS;
        int quantity = 1 + (int) (more % 3);
        long cents = 100 + more / 3 % 9_900;
        long unitPrice = cents * 100 + (more % 8 == 0 ? 71 : 0); // every eighth price has four decimals
        long discount = more % 5 == 0 ? unitPrice * quantity / 10 : 0;
        return new Line(hasId, hasProduct, product, quantity, unitPrice, discount, own);
    }

    String productName(int product) {
        if (product % 10 == 0 && quirks.contains(EMOJI)) {
            return "Blue \"Dream\" \\ 🌿 No. " + product;
        }
        return "Blue Sample No. " + product;
    }

    @Nullable
    String brand(int product) {
        return product % 25 == 0 ? null : "Sample Brand " + product % 12;
    }

    String category(int product) {
        return switch (product % 4) {
            case 0 -> "Flower";
            case 1 -> "Edible";
            case 2 -> "Vape";
            default -> "Accessories";
        };
    }
}
