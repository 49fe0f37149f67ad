package com.example;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import java.util.List;

/** The orders of a shop, which gives some at a time. */
public record Orders(Shop shop) implements Source<Orders.Order> {

    public record Order(int id, String item) {}

    public interface Shop {
        List<Order> orders(int skip) throws Exception;
    }

    @Override
    public Page<Order> read(Cursor from) throws Exception {
        int skip = from.orElse(0);
        List<Order> found = shop.orders(skip);
        return found.isEmpty() ? Page.last(found) : Page.of(found, skip + found.size());
    }
}
