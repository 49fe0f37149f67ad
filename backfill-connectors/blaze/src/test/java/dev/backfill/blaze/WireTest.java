package dev.backfill.blaze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.internal.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {

    private static Transaction read(String json) {
        return Json.read(json, Wire.class).transaction();
    }

    @Test
    void readsATransactionWithItsItems() {
        Transaction sale = read("""
                {"id":"68f0a1b2c3d4e5f600000001","transNo":"571034","created":1761230000123,"modified":1761231009709,
                 "status":"Completed","paid":true,"paidTime":null,"completedTime":1761231000000,"timeCollected":1,
                 "unknown":{"deep":[1]},
                 "cart":{"total":110.0,"totalCalcTax":13.29,"roundAmt":3.558E-1,"paymentOption":"Cash","items":[
                  {"id":"i1","productId":"p","productName":"Blue \\"Sample\\" 🌿","quantity":2.0,"unitPrice":3.9571,
                   "modified":1761231000000,"created":0},
                  {"id":"i2","productId":null,"quantity":2.0,"unitPrice":3.9571}]}}
                """);
        assertThat(sale.total()).isEqualByComparingTo("110");
        assertThat(sale.roundAmt()).isEqualTo(new BigDecimal("0.3558"));
        assertThat(sale.created()).isEqualTo(Instant.parse("2025-10-23T14:33:20.123Z"));
        assertThat(sale.paidTime()).isNull();
        assertThat(sale.items()).extracting(Item::itemId).containsExactly("i1", "i2");
        assertThat(sale.items()).extracting(Item::transactionId).containsOnly("68f0a1b2c3d4e5f600000001");
        Item first = sale.items().get(0);
        assertThat(first.unitPrice()).isEqualTo(new BigDecimal("3.9571"));
        assertThat(first.productName()).isEqualTo("Blue \"Sample\" 🌿");
        assertThat(first.created()).isNull();
        assertThat(first.modified()).isEqualTo(Instant.ofEpochMilli(1761231009709L));
        assertThat(sale.items().get(1).productId()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"id\":\"t\",\"cart\":null}",
                "{\"id\":\"t\",\"cart\":{}}",
                "{\"id\":\"t\",\"cart\":{\"items\":null}}",
                "{\"id\":\"t\",\"cart\":{\"items\":[]}}",
                "{\"id\":\"t\",\"cart\":{\"items\":[null]}}",
                "{\"id\":\"t\",\"created\":0,\"status\":\"Teleported\",\"cart\":null}"
            })
    void bearsWhateverIsMissing(String json) {
        Transaction transaction = read(json);
        assertThat(transaction.items()).isEmpty();
        assertThat(transaction.total()).isNull();
        assertThat(transaction.created()).isNull();
    }

    @Test
    void anItemWithoutIdIsKept() {
        List<Item> items = read("{\"id\":\"t\",\"cart\":{\"items\":[{\"productId\":\"p\"},{\"id\":\"i\"}]}}")
                .items();
        assertThat(items).extracting(Item::itemId).containsExactly(null, "i");
    }
}
