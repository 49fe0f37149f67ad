package dev.backfill.simulators;

import java.time.LocalDate;
import java.time.Month;
import java.time.YearMonth;
import java.time.temporal.ChronoField;
import org.jspecify.annotations.Nullable;

/** The sales as functions of their month and their place in it; nothing is kept. */
final class ListingsData {

    private static final int COUNT = 61;
    private static final int ADDRESS = 62;
    private static final int FACTS = 63;
    private static final int PRICE = 64;

    private static final String[] STREETS = {
        "Söder Mälarstrand",
        "Åsögatan",
        "Drottninggatan",
        "Östra Förstadsgatan",
        "Kungsvägen",
        "Lillå Strandväg",
        "Ringvägen"
    };
    private static final String[] CITIES = {
        "Stockholm", "Göteborg", "Malmö", "Åre", "Jönköping", "Örebro", "Umeå", "Håbo & Bålsta"
    };
    private static final String[] TYPES = {"Apartment", "Villa", "Terraced house", "Holiday home"};

    private final ListingsSettings settings;

    ListingsData(ListingsSettings settings) {
        this.settings = settings;
    }

    /**
     * A sale.
     *
     * @param link a path
     * @param address may have line breaks in it
     * @param type null if the site does not tell
     * @param rooms in tenths; 0 if the site does not tell
     * @param area in tenths of a square metre; 0 if the site does not tell
     * @param price in crowns
     */
    record Listing(
            String link,
            String address,
            String city,
            @Nullable String type,
            int rooms,
            int area,
            long price,
            LocalDate soldOn) {}

    int count(YearMonth month) {
        if (month.isBefore(settings.from) || month.isAfter(settings.to) || month.equals(settings.empty)) {
            return 0;
        }
        int percent =
                64 + Mix.below(43, settings.seed, place(month, 0), COUNT); // 85 on average, and 100 with the Junes
        return (int) ((long) settings.listings * percent / 100) * (month.getMonth() == Month.JUNE ? 3 : 1);
    }

    private static long place(YearMonth month, int index) {
        return month.getLong(ChronoField.PROLEPTIC_MONTH) * 1_000_000 + index;
    }

    private int below(int bound, long place, int salt) {
        return Mix.below(bound, settings.seed, place, salt);
    }

    /** @param index from 0, which is the newest */
    Listing listing(YearMonth month, int index) {
        long place = place(month, index);
        int days = month.lengthOfMonth();
        int day = days - (int) ((long) index * days / count(month));
        long facts = Mix.of(settings.seed, place, FACTS);
        boolean plot = facts % 50 == 0;
        return new Listing(
                "/homes/" + Long.toHexString(place * 0x9E3779B1L & 0xFF_FFFF_FFFFL),
                address(place),
                CITIES[(int) (facts / 50 % CITIES.length)],
                facts % 61 == 7 ? null : plot ? "Plot" : TYPES[(int) (facts / 400 % TYPES.length)],
                plot ? 0 : 10 + (int) (facts / 1_600 % 14) * 5,
                facts % 71 == 9 ? 0 : 180 + (int) (facts / 22_400 % 4_000),
                (400 + below(12_000, place, PRICE)) * 1_000L,
                month.atDay(day));
    }

    private String address(long place) {
        int dice = below(1_000_000, place, ADDRESS);
        String plain = STREETS[dice % STREETS.length] + " " + (1 + dice / 7 % 98);
        return switch (dice / 686 % 40) {
            case 0 -> plain + ", 2 tr";
            case 1 -> "Villa \"Solbacken\", " + plain;
            case 2 -> "Berg & Dal; " + plain;
            case 3 -> plain + "\nc/o Åkesson, uppgång B";
            case 4 -> "=" + plain;
            case 5 -> "Gården <Lilla> " + dice % 7;
            case 6 -> "🏡 " + plain;
            case 7 -> "O'Hara-gränd " + dice % 7;
            case 8 -> "\"" + plain + "\"\n\"Norra\"";
            default -> plain;
        };
    }

    /** {@code 3}, {@code 2.5}. */
    static String decimal(int tenths, char point) {
        return tenths % 10 == 0 ? String.valueOf(tenths / 10) : tenths / 10 + String.valueOf(point) + tenths % 10;
    }
}
