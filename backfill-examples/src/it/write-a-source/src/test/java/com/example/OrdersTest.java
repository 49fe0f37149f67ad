package com.example;

import dev.backfill.Source;
import dev.backfill.testkit.SourceContract;
import java.util.List;
import java.util.stream.IntStream;

class OrdersTest extends SourceContract<Orders.Order> {

    @Override
    protected Source<Orders.Order> source() {
        return new Orders(skip -> expected().subList(skip, Math.min(skip + 10, 45)));
    }

    @Override
    protected List<Orders.Order> expected() {
        return IntStream.range(0, 45).mapToObj(id -> new Orders.Order(id, "item " + id)).toList();
    }
}
