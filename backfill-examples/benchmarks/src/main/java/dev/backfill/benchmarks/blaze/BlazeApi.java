package dev.backfill.benchmarks.blaze;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** What everybody knows who writes a client of the API by hand. */
public final class BlazeApi {

    /** The first day that is read. */
    public static final LocalDate FIRST = LocalDate.of(2024, 1, 1);

    /** The first day that is not: 52 windows of seven days later. */
    public static final LocalDate END = FIRST.plusDays(7 * 52);

    static final String PARTNER_KEY = "simulated-partner";
    static final String KEY = "simulated-dispensary";
    static final int PAGE = 100;

    /** The table that is written. */
    public static final String TABLE = "transaction_items_blaze";

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MM/dd/yyyy");

    private BlazeApi() {}

    /** The first days of all windows. */
    static List<LocalDate> windows() {
        List<LocalDate> windows = new ArrayList<>();
        for (LocalDate day = FIRST; day.isBefore(END); day = day.plusDays(7)) {
            windows.add(day);
        }
        return windows;
    }

    /** The address of a page. */
    static String path(LocalDate window, int skip) {
        return "/api/v1/partner/transactions?startDate=" + DAY.format(window) + "&endDate="
                + DAY.format(window.plusDays(7)) + "&skip=" + skip + "&limit=" + PAGE;
    }
}
