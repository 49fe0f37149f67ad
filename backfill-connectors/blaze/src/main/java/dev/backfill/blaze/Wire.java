package dev.backfill.blaze;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transaction as Blaze writes it: everything may be missing, and times are milliseconds, 0 meaning none. */
record Wire(
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
        @Nullable Long created,
        @Nullable Long modified,
        @Nullable Long startTime,
        @Nullable Long endTime,
        @Nullable Long processedTime,
        @Nullable Long completedTime,
        @Nullable Long paidTime,
        @Nullable Boolean paid,
        @Nullable Boolean deleted,
        @Nullable String timeZone,
        @Nullable BigDecimal pointsEarned,
        @Nullable Cart cart) {

    record Cart(
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
            @Nullable List<@Nullable Line> items) {

        static final Cart NONE = new Cart(null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    record Line(
            @Nullable String id,
            @Nullable String orderItemId,
            @Nullable Long created,
            @Nullable Long modified,
            @Nullable Boolean deleted,
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
            @Nullable String batchId) {

        Item of(Wire transaction) {
            return new Item(
                    transaction.id(),
                    id,
                    orderItemId,
                    time(created),
                    later(modified, transaction.modified()),
                    Boolean.TRUE.equals(deleted),
                    productId,
                    productSku,
                    productName,
                    brandName,
                    categoryName,
                    productType,
                    weightPerUnit,
                    quantity,
                    unitPrice,
                    cost,
                    discount,
                    discountType,
                    calcDiscount,
                    finalPrice,
                    calcTax,
                    exciseTax,
                    cogs,
                    status,
                    totalRefundAmount,
                    totalRefundQty,
                    batchId);
        }
    }

    /** What tells it from others; a transaction without id has its number and time for that. */
    String key() {
        return id != null ? id : "without id: " + transNo + " of " + completedTime;
    }

    Transaction transaction() {
        Cart paper = cart == null ? Cart.NONE : cart;
        List<Item> items = new ArrayList<>();
        if (paper.items() != null) {
            for (Line line : paper.items()) {
                if (line != null) {
                    items.add(line.of(this));
                }
            }
        }
        return new Transaction(
                id,
                transNo,
                companyId,
                shopId,
                memberId,
                sellerId,
                parentTransactionId,
                status,
                transType,
                queueType,
                transactionRefundStatus,
                time(created),
                time(modified),
                time(startTime),
                time(endTime),
                time(processedTime),
                time(completedTime),
                time(paidTime),
                Boolean.TRUE.equals(paid),
                Boolean.TRUE.equals(deleted),
                timeZone,
                pointsEarned,
                paper.subTotal(),
                paper.totalDiscount(),
                paper.subTotalDiscount(),
                paper.totalCalcTax(),
                paper.roundAmt(),
                paper.creditCardFee(),
                paper.deliveryFee(),
                paper.tipAmount(),
                paper.total(),
                paper.refundAmount(),
                paper.paymentOption(),
                paper.consumerType(),
                items);
    }

    static @Nullable Instant time(@Nullable Long millis) {
        return millis == null || millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    private static @Nullable Instant later(@Nullable Long a, @Nullable Long b) {
        return time(Math.max(a == null ? 0 : a, b == null ? 0 : b));
    }

    /** A member as Blaze writes it. */
    record Person(
            @Nullable String id,
            @Nullable String firstName,
            @Nullable String lastName,
            @Nullable String email,
            @Nullable String primaryPhone,
            @Nullable Long dob,
            @Nullable String status,
            @Nullable Long created,
            @Nullable Long modified,
            @Nullable Long lastVisitDate,
            @Nullable Long startDate,
            @Nullable BigDecimal loyaltyPoints) {

        String key() {
            return id != null ? id : "without id: " + created + " " + modified;
        }

        Member member() {
            return new Member(
                    id,
                    firstName,
                    lastName,
                    email,
                    primaryPhone,
                    time(dob),
                    status,
                    time(created),
                    time(modified),
                    time(lastVisitDate),
                    time(startDate),
                    loyaltyPoints);
        }
    }

    /** A product as Blaze writes it. */
    record Ware(
            @Nullable String id,
            @Nullable String sku,
            @Nullable String name,
            @Nullable String categoryId,
            @Nullable String brandId,
            @Nullable String unitType,
            @Nullable BigDecimal unitPrice,
            @Nullable Boolean active,
            @Nullable Boolean deleted,
            @Nullable Long created,
            @Nullable Long modified) {

        String key() {
            return id != null ? id : "without id: " + sku + " " + name;
        }

        Product product() {
            return new Product(
                    id,
                    sku,
                    name,
                    categoryId,
                    brandId,
                    unitType,
                    unitPrice,
                    Boolean.TRUE.equals(active),
                    Boolean.TRUE.equals(deleted),
                    time(created),
                    time(modified));
        }
    }
}
