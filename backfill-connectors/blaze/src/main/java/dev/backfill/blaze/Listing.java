package dev.backfill.blaze;

import dev.backfill.http.Http;
import dev.backfill.http.Request;
import dev.backfill.http.Rows;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * One of the lists of the service, read page by page.
 *
 * @param path below the address
 * @param position what the parameter is called that says how many rows to skip
 * @param counted whether its total can be believed
 * @param row what a row looks like
 * @param id what tells rows apart
 */
record Listing<W>(
        Http http, String path, String position, boolean counted, Class<W> row, Function<? super W, String> id) {

    /** A page: its new rows, and where to go on. */
    record Read<W>(List<W> fresh, Spot.Taken taken, OptionalLong total) {}

    Request request() {
        return http.get(path);
    }

    /** Makes one call. */
    Read<W> read(Request request, Spot spot) throws InterruptedException {
        Rows<W> rows =
                request.query(position, spot.at()).query("limit", Spot.LIMIT).rows("values", row);
        OptionalLong total = rows.number("total");
        List<String> ids = rows.items().stream().<String>map(id).toList();
        Spot.Taken taken = spot.take(ids, counted ? total : OptionalLong.empty());
        List<W> fresh =
                taken.fresh().stream().map(index -> rows.items().get(index)).toList();
        return new Read<>(fresh, taken, total);
    }
}
