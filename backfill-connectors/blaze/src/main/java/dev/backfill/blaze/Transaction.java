package dev.backfill.blaze;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sale, a refund or another transaction of a shop, with the sums of its cart.
 *
 * <p>What Blaze leaves out, and the time 0, is null. Values such as the status are texts, since Blaze adds new ones. Sums are in the shop's
 * currency, with up to four decimals: {@code total} is {@code subTotalDiscount + totalCalcTax + roundAmt + creditCardFee}.
 *
 * @param id what tells it from all others
 * @param transNo a number that people see; only unique within the shop
 * @param parentTransactionId of a refund: what is refunded, where Blaze says so
 * @param status such as Completed, Void, Canceled, RefundWithInventory
 * @param transType such as Sale, Refund, Exchange, Adjustment
 * @param transactionRefundStatus None, In_Progress, Partial_Refund or Complete_Refund
 * @param modified grows with every change, also long after completion; fit for {@code newestBy}
 * @param completedTime by which, as far as seen, windows and order go
 * @param timeZone the shop's
 * @param subTotalDiscount the sum after discounts, before tax
 * @param items the lines of the cart; empty if there is no cart
 */
public record Transaction(
        @Nullable String id,
        @Nullable String transNo,
        @Nullable String companyId,
        @Nullable String shopId,
        @Nullable String memberId,
        @Nullable String sellerId,
        @Nullable String parentTransactionId,
        @Nullable String status,
        @Nullable String transType,
        @Nullable String queueType,
        @Nullable String transactionRefundStatus,
        @Nullable Instant created,
        @Nullable Instant modified,
        @Nullable Instant startTime,
        @Nullable Instant endTime,
        @Nullable Instant processedTime,
        @Nullable Instant completedTime,
        @Nullable Instant paidTime,
        boolean paid,
        boolean deleted,
        @Nullable String timeZone,
        @Nullable BigDecimal pointsEarned,
        @Nullable BigDecimal subTotal,
        @Nullable BigDecimal totalDiscount,
        @Nullable BigDecimal subTotalDiscount,
        @Nullable BigDecimal totalCalcTax,
        @Nullable BigDecimal roundAmt,
        @Nullable BigDecimal creditCardFee,
        @Nullable BigDecimal deliveryFee,
        @Nullable BigDecimal tipAmount,
        @Nullable BigDecimal total,
        @Nullable BigDecimal refundAmount,
        @Nullable String paymentOption,
        @Nullable String consumerType,
        List<Item> items) {

    /** Copies the lines. */
    public Transaction {
        items = List.copyOf(Objects.requireNonNull(items, "items"));
    }
}
