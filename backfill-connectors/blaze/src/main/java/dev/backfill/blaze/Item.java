package dev.backfill.blaze;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of a transaction: a product, how many, and for how much.
 *
 * <p>Two lines may have the same product, quantity and price; only {@code transactionId} and {@code itemId} together tell lines apart. What
 * Blaze leaves out, and the time 0, is null.
 *
 * @param transactionId of its transaction
 * @param itemId of the line; null if Blaze gave none, which a sink by key keeps as a dead letter
 * @param orderItemId another id of the line, which is not its key
 * @param modified the later of the line's and its transaction's, so that it grows with a refund too; fit for {@code newestBy}
 * @param quantity may have decimals
 * @param cost what the customer pays before discounts: quantity times unit price. Not the cost of goods
 * @param discount as entered: an amount or a percentage, as the discount type says
 * @param discountType Cash, Percentage or FinalPrice
 * @param calcDiscount the discount as an amount
 * @param finalPrice cost less discount, before tax
 * @param cogs the cost of goods
 * @param status such as Active, Refunded, Exchange, Void
 */
public record Item(
        @Nullable String transactionId,
        @Nullable String itemId,
        @Nullable String orderItemId,
        @Nullable Instant created,
        @Nullable Instant modified,
        boolean deleted,
        @Nullable String productId,
        @Nullable String productSku,
        @Nullable String productName,
        @Nullable String brandName,
        @Nullable String categoryName,
        @Nullable String productType,
        @Nullable String weightPerUnit,
        @Nullable BigDecimal quantity,
        @Nullable BigDecimal unitPrice,
        @Nullable BigDecimal cost,
        @Nullable BigDecimal discount,
        @Nullable String discountType,
        @Nullable BigDecimal calcDiscount,
        @Nullable BigDecimal finalPrice,
        @Nullable BigDecimal calcTax,
        @Nullable BigDecimal exciseTax,
        @Nullable BigDecimal cogs,
        @Nullable String status,
        @Nullable BigDecimal totalRefundAmount,
        @Nullable BigDecimal totalRefundQty,
        @Nullable String batchId) {}
