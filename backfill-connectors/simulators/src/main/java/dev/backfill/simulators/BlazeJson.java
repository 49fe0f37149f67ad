package dev.backfill.simulators;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Writes transactions as the API does, and their items as a table should hold them. */
final class BlazeJson {

    private static final long HOUR = 3_600_000;

    private final BlazeSettings settings;
    private final BlazeData data;
    private final BlazeHistory history;
    private final Set<BlazeQuirk> quirks;
    private final long batch;
    private final List<Product> products;

    BlazeJson(BlazeSettings settings, BlazeData data, BlazeHistory history) {
        this.settings = settings;
        this.data = data;
        this.history = history;
        quirks = settings.quirks;
        batch = data.dice(0, 31);
        products = products(data);
    }

    /** The id of a transaction: seconds, seed, place; so ids are in the order of completion. */
    void id(JsonBytes out, int place) {
        out.hex(history.completed(place) / 1_000, 8).hex(batch, 8).hex(place, 8);
    }

    private void lineId(JsonBytes out, int place, int line, boolean item) {
        boolean renamed = quirks.contains(BlazeQuirk.EDITS_CHANGE_ITEM_IDS) && history.isEdited(place);
        out.hex(place, 8).hex(batch, 8).hex(line, 4).hex(renamed ? 1 : 0, 2).hex(item ? 1 : 2, 2);
    }

    long modified(int place) {
        long completed = history.completed(place);
        if (history.isEdited(place)) {
            return completed + 48 * HOUR;
        }
        return data.wasRefunded(place) ? history.completed(place + 7) + 5_000 : completed + 709;
    }

    private long created(int place) {
        return history.completed(place) - 900_000;
    }

    boolean refunded(int place) {
        return data.wasRefunded(place) || history.isEdited(place);
    }

    private String status(int place) {
        if (data.isRefund(place)) {
            return "RefundWithInventory";
        }
        long dice = data.dice(place, 32) % 400;
        if (dice == 0 && quirks.contains(BlazeQuirk.UNKNOWN_VALUES)) {
            return "Teleported";
        }
        return dice == 1 ? "Void" : dice == 2 ? "Canceled" : "Completed";
    }

    /** One transaction. */
    void transaction(JsonBytes out, int place, long now) {
        int begin = out.size();
        long processed = history.completed(place);
        long completed =
                quirks.contains(BlazeQuirk.FILTERS_BY_PROCESSED) ? processed - data.dice(place, 33) % HOUR : processed;
        long created = completed - 1_000_000 - data.dice(place, 34) % (2 * HOUR);
        boolean refund = data.isRefund(place);
        String status = status(place);
        id(out.raw("{\"id\":\""), place);
        out.raw("\",\"transNo\":\"").number(500_000L + place);
        out.raw("\",\"created\":").number(created).raw(",\"modified\":").number(modified(place));
        out.raw(
                ",\"deleted\":false,\"companyId\":\"5e0000000000000000000001\",\"shopId\":\"5e0000000000000000000002\",\"memberId\":\"5f00000000000000");
        out.hex(data.dice(place, 35) % Math.max(1, BlazeLists.members(settings)), 8);
        out.raw("\",\"status\":\"");
        out.raw(status).raw("\",\"transType\":\"").raw(refund ? "Refund" : "Sale");
        out.raw("\",\"queueType\":\"").raw(status.equals("Teleported") ? "Drone" : "WalkIn");
        out.raw("\",\"transactionRefundStatus\":\"").raw(refunded(place) ? "Partial_Refund" : "None");
        out.raw("\",\"parentTransactionId\":");
        if (refund && place >= 7) {
            id(out.raw("\""), place - 7);
            out.raw("\"");
        } else {
            out.raw("null");
        }
        out.raw(",\"checkinTime\":").number(created).raw(",\"startTime\":").number(created + 100_000);
        out.raw(",\"endTime\":").number(completed).raw(",\"processedTime\":").number(processed);
        out.raw(",\"completedTime\":").number(completed);
        out.raw(",\"paid\":true,\"paidTime\":").raw(place % 9 == 0 ? "0" : "null");
        out.raw(",\"deliveryDate\":").raw(place % 11 == 0 ? "null" : "0");
        out.raw(",\"completeBy\":0,\"metrcId\":0,\"traceSubmitStatus\":\"Completed\",\"timeZone\":\"");
        out.raw(settings.zone.getId()).raw("\",\"orderTags\":[],\"active\":false,\"pointsEarned\":110.0,\"loc\":[],");
        out.raw("\"payments\":[],\"paymentCardPayments\":[],\"member\":null,\"seller\":null,\"terminal\":null,"
                + "\"addedLastWeek\":{\"unknown\":[1,2,{\"deep\":true}]},\"cart\":");
        cart(out, place);
        out.raw(",\"timeCollected\":").number(now).raw(",\"processingTimeMs\":900000,\"waitingTimeMs\":100000");
        int missing = settings.bytes - (out.size() - begin) - 14;
        if (missing > 0) {
            out.raw(",\"metadata\":\"").filler(missing).raw("\"");
        }
        out.raw("}");
    }

    private void cart(JsonBytes out, int place) {
        BlazeData.Cart shape = data.cart(place);
        if (shape == BlazeData.Cart.NULL) {
            out.raw("null");
            return;
        }
        List<BlazeData.Line> lines = data.items(place);
        long list = 0;
        long net = 0;
        long tax = 0;
        for (BlazeData.Line line : lines) {
            list += line.cost();
            net += line.finalPrice();
            tax += line.tax();
        }
        long round = (10_000 - (net + tax) % 10_000) % 10_000;
        out.raw("{\"id\":\"5e").hex(place, 22).raw("\",\"subTotal\":").decimal(list);
        out.raw(",\"totalDiscount\":")
                .decimal(list - net)
                .raw(",\"subTotalDiscount\":")
                .decimal(net);
        out.raw(",\"totalCalcTax\":")
                .decimal(tax)
                .raw(",\"tax\":0.0,\"roundAmt\":")
                .decimal(round);
        out.raw(",\"creditCardFee\":0.0,\"deliveryFee\":0.0,\"tipAmount\":0.0,\"total\":");
        out.decimal(net + tax + round);
        out.raw(",\"cashReceived\":")
                .decimal(net + tax + round)
                .raw(",\"changeDue\":0.0,\"refundAmount\":0.0,"
                        + "\"paymentOption\":\"Cash\",\"paymentType\":\"Full\",\"consumerType\":\"AdultUse\","
                        + "\"promotionReqs\":[],\"refundLog\":{},\"taxTable\":null");
        switch (shape) {
            case NULL_ITEMS -> out.raw(",\"items\":null");
            case EMPTY_ITEMS -> out.raw(",\"items\":[]");
            case SOUND -> {
                out.raw(",\"items\":[");
                long modified = modified(place);
                for (int line = 0; line < lines.size(); line++) {
                    out.raw(line == 0 ? "" : ",");
                    item(out, place, line, lines.get(line), modified);
                }
                out.raw("]");
            }
            default -> {}
        }
        out.raw("}");
    }

    private void item(JsonBytes out, int place, int number, BlazeData.Line line, long modified) {
        boolean back = number == 0 && refunded(place);
        out.raw("{");
        if (line.hasId()) {
            lineId(out.raw("\"id\":\""), place, number, true);
            out.raw("\",");
        }
        lineId(out.raw("\"orderItemId\":\""), place, number, false);
        out.raw("\",\"modified\":").number(modified).raw(",\"deleted\":false");
        productId(out.raw(",\"productId\":"), line.product(), line.hasProduct());
        out.append(products.get(line.product()).json());
        out.raw(",\"quantity\":").decimal(line.quantity() * 10_000L);
        out.raw(",\"unitPrice\":").decimal(line.unitPrice());
        out.raw(",\"cost\":").decimal(line.cost());
        out.raw(",\"discount\":").decimal(line.discount());
        out.raw(",\"discountType\":\"Cash\",\"calcDiscount\":").decimal(line.discount());
        out.raw(",\"finalPrice\":").decimal(line.finalPrice());
        out.raw(",\"calcTax\":").decimal(line.tax());
        out.raw(",\"cogs\":").decimal(line.cost() / 3);
        out.raw(",\"status\":\"").raw(back ? "Refunded" : "Active");
        out.raw("\",\"totalRefundAmount\":").decimal(back ? line.finalPrice() : 0);
        out.raw(",\"totalRefundQty\":").decimal(back ? line.quantity() * 10_000L : 0);
        out.raw(",\"batchId\":\"61").hex(line.batch(), 22).raw("\"");
        if (number == 0) { // real items have all of this, and ten times the size
            out.raw(",\"parentId\":null,\"created\":").number(created(place));
            out.raw(",\"productType\":\"REGULAR\",\"weightKey\":\"UNIT\",\"origQuantity\":");
            out.decimal(line.quantity() * 10_000L);
            out.raw(
                    ",\"propCartDiscount\":0.0,\"calcPreTax\":0.0,\"taxType\":\"Inherit\",\"quantityLogs\":[{\"id\":\"");
            out.hex(place, 24).raw("-").hex(number, 24).raw("\"}],\"promotionReqs\":[],\"product\":null");
        }
        out.raw("}");
    }

    /**
     * What every line with a product has in common.
     *
     * @param json as the API names it
     * @param row as a table names it
     */
    private record Product(JsonBytes json, JsonBytes row) {}

    private static List<Product> products(BlazeData data) {
        return IntStream.range(0, BlazeData.PRODUCTS)
                .mapToObj(product -> new Product(
                        product(data, product, "productSku", "productName", "brandName", "categoryName"),
                        product(data, product, "product_sku", "product_name", "brand_name", "category_name")))
                .toList();
    }

    private static JsonBytes product(
            BlazeData data, int product, String sku, String name, String brand, String category) {
        JsonBytes out = new JsonBytes(200);
        out.raw(",\"" + sku + "\":\"SKU-").number(product).raw("\",\"" + name + "\":");
        out.text(data.productName(product)).raw(",\"" + brand + "\":").text(data.brand(product));
        return out.raw(",\"" + category + "\":").text(data.category(product));
    }

    static void productId(JsonBytes out, int product, boolean known) {
        if (known) {
            out.raw("\"60a1").hex(product, 20).raw("\"");
        } else {
            out.raw("null");
        }
    }

    /** The rows of a transaction in a table of items, one JSON object a line. */
    void truth(JsonBytes out, int place) {
        List<BlazeData.Line> lines = data.items(place);
        for (int line = 0; line < lines.size(); line++) {
            if (lines.get(line).hasId()) {
                row(out, place, line, lines.get(line));
            }
        }
    }

    private void row(JsonBytes out, int place, int number, BlazeData.Line line) {
        boolean back = number == 0 && refunded(place);
        id(out.raw("{\"transaction_id\":\""), place);
        lineId(out.raw("\",\"item_id\":\""), place, number, true);
        lineId(out.raw("\",\"order_item_id\":\""), place, number, false);
        out.raw("\",\"created\":");
        if (number == 0) {
            out.number(created(place));
        } else {
            out.raw("null");
        }
        out.raw(",\"modified\":").number(modified(place)).raw(",\"deleted\":false,\"product_id\":");
        productId(out, line.product(), line.hasProduct());
        out.append(products.get(line.product()).row());
        out.raw(",\"product_type\":").raw(number == 0 ? "\"REGULAR\"" : "null");
        out.raw(",\"weight_per_unit\":null,\"quantity\":").decimal(line.quantity() * 10_000L);
        out.raw(",\"unit_price\":").decimal(line.unitPrice());
        out.raw(",\"cost\":").decimal(line.cost());
        out.raw(",\"discount\":").decimal(line.discount());
        out.raw(",\"discount_type\":\"Cash\",\"calc_discount\":").decimal(line.discount());
        out.raw(",\"final_price\":").decimal(line.finalPrice());
        out.raw(",\"calc_tax\":").decimal(line.tax());
        out.raw(",\"excise_tax\":null,\"cogs\":").decimal(line.cost() / 3);
        out.raw(",\"status\":\"").raw(back ? "Refunded" : "Active");
        out.raw("\",\"total_refund_amount\":").decimal(back ? line.finalPrice() : 0);
        out.raw(",\"total_refund_qty\":").decimal(back ? line.quantity() * 10_000L : 0);
        out.raw(",\"batch_id\":\"61").hex(line.batch(), 22).raw("\"}\n");
    }
}
