package dev.backfill.blaze;

import dev.backfill.Backfill;
import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Event;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.internal.Json;
import dev.backfill.simulators.BlazeSettings;
import dev.backfill.simulators.BlazeSimulator;
import dev.backfill.testkit.JumpingTime;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A simulated shop, a table of its items, and the job that fills the table. */
final class Shop implements AutoCloseable {

    final JumpingTime time = new JumpingTime();
    final BlazeSimulator simulator;
    final Map<String, Item> table = new ConcurrentHashMap<>();

    Shop(BlazeSettings settings) throws Exception {
        simulator = time.run(() -> settings.start(0));
    }

    <T> T bound(java.util.concurrent.Callable<T> body) throws Exception {
        return time.run(body);
    }

    Blaze blaze() throws Exception {
        return bound(() -> Blaze.connect(simulator.partnerKey(), simulator.dispensaryKey())
                .at(simulator.url().toString()));
    }

    /** Keeps the newest version of each item by its key, in any order of writing. */
    private final class Table implements Sink<Item> {
        @Override
        public void write(Batch<Item> batch) {
            for (int i = 0; i < batch.size(); i++) {
                Item item = batch.get(i);
                if (item.itemId() == null) {
                    batch.refused(i, "no key");
                    continue;
                }
                table.merge(
                        item.transactionId() + "/" + item.itemId(),
                        item,
                        (old, now) -> later(old.modified(), now.modified()) ? old : now);
            }
        }

        private static boolean later(@Nullable Instant a, @Nullable Instant b) {
            return a != null && b != null && a.isAfter(b);
        }

        @Override
        public boolean orderFree() {
            return true;
        }
    }

    Report run(Blaze blaze, LocalDate from, LocalDate to, Checkpoint checkpoint, int parallel, Consumer<Event> listener)
            throws Exception {
        return bound(() -> Backfill.named("blaze-items")
                .from(blaze.transactions(from, to))
                .flatMap(Transaction::items)
                .into(new Table())
                .parallel(parallel)
                .patience(Duration.ofHours(2))
                .checkpoint(checkpoint)
                .listen(listener)
                .run());
    }

    private String text(String path) throws Exception {
        try (InputStream in = simulator.url().resolve(path).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What the table must hold, a line for each item. */
    Set<String> truth(LocalDate from, LocalDate to) throws Exception {
        Set<String> truth = new TreeSet<>();
        for (String line : text("/__truth?from=" + from + "&to=" + to).lines().toList()) {
            Map<?, ?> row = Json.read(line, Map.class);
            Map<String, @Nullable Object> values = new TreeMap<>();
            row.forEach((name, value) -> values.put(String.valueOf(name), value));
            truth.add(line(values));
        }
        return truth;
    }

    /** What the table holds. */
    Set<String> rows() {
        Set<String> rows = new TreeSet<>();
        for (Item item : table.values()) {
            Map<String, @Nullable Object> values = new TreeMap<>();
            values.put("transaction_id", item.transactionId());
            values.put("item_id", item.itemId());
            values.put("order_item_id", item.orderItemId());
            values.put("created", millis(item.created()));
            values.put("modified", millis(item.modified()));
            values.put("deleted", item.deleted());
            values.put("product_id", item.productId());
            values.put("product_sku", item.productSku());
            values.put("product_name", item.productName());
            values.put("brand_name", item.brandName());
            values.put("category_name", item.categoryName());
            values.put("product_type", item.productType());
            values.put("weight_per_unit", item.weightPerUnit());
            values.put("quantity", item.quantity());
            values.put("unit_price", item.unitPrice());
            values.put("cost", item.cost());
            values.put("discount", item.discount());
            values.put("discount_type", item.discountType());
            values.put("calc_discount", item.calcDiscount());
            values.put("final_price", item.finalPrice());
            values.put("calc_tax", item.calcTax());
            values.put("excise_tax", item.exciseTax());
            values.put("cogs", item.cogs());
            values.put("status", item.status());
            values.put("total_refund_amount", item.totalRefundAmount());
            values.put("total_refund_qty", item.totalRefundQty());
            values.put("batch_id", item.batchId());
            rows.add(line(values));
        }
        return rows;
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    private static String line(Map<String, @Nullable Object> values) {
        StringBuilder line = new StringBuilder();
        values.forEach((name, value) -> line.append(name)
                .append('=')
                .append(
                        value instanceof Number number
                                ? new BigDecimal(number.toString())
                                        .stripTrailingZeros()
                                        .toPlainString()
                                : String.valueOf(value))
                .append(' '));
        return line.toString();
    }

    /** The calls as they came: milliseconds, key, status, path. */
    List<String> log() throws Exception {
        return text("/__log").lines().toList();
    }

    @Override
    public void close() {
        simulator.close();
    }
}
