package dev.backfill.benchmarks.blaze;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A column of the table.
 *
 * @param name of the column
 * @param json what the API calls it in an item, but for the first, which is of the transaction
 */
record Field(String name, String json, Kind kind) {

    enum Kind {
        TEXT,
        TIME,
        FLAG,
        NUMBER
    }

    /** All of them; the first is the transaction's id and the second the item's. */
    static final List<Field> ALL = List.of(
            text("transaction_id", "transactionId"),
            text("item_id", "id"),
            text("order_item_id", "orderItemId"),
            new Field("created", "created", Kind.TIME),
            new Field("modified", "modified", Kind.TIME),
            new Field("deleted", "deleted", Kind.FLAG),
            text("product_id", "productId"),
            text("product_sku", "productSku"),
            text("product_name", "productName"),
            text("brand_name", "brandName"),
            text("category_name", "categoryName"),
            text("product_type", "productType"),
            text("weight_per_unit", "weightPerUnit"),
            number("quantity", "quantity"),
            number("unit_price", "unitPrice"),
            number("cost", "cost"),
            number("discount", "discount"),
            text("discount_type", "discountType"),
            number("calc_discount", "calcDiscount"),
            number("final_price", "finalPrice"),
            number("calc_tax", "calcTax"),
            number("excise_tax", "exciseTax"),
            number("cogs", "cogs"),
            text("status", "status"),
            number("total_refund_amount", "totalRefundAmount"),
            number("total_refund_qty", "totalRefundQty"),
            text("batch_id", "batchId"));

    static final int MODIFIED = 4;
    static final int DELETED = 5;

    private static Field text(String name, String json) {
        return new Field(name, json, Kind.TEXT);
    }

    private static Field number(String name, String json) {
        return new Field(name, json, Kind.NUMBER);
    }

    /** The names of all columns. */
    static String names() {
        return ALL.stream().map(Field::name).collect(Collectors.joining(", "));
    }

    /** What follows the rows of an upsert. */
    static String onConflict() {
        return " ON CONFLICT (transaction_id, item_id) DO UPDATE SET "
                + ALL.stream()
                        .skip(2)
                        .map(field -> field.name() + " = excluded." + field.name())
                        .collect(Collectors.joining(", "));
    }
}
