package dev.backfill.simulators;

import java.io.IOException;
import java.io.OutputStream;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** Answers with pages, and with challenges. */
final class ListingsApi implements Api {

    private static final Pattern MONTH = Pattern.compile("\\d{4}-\\d{2}");
    private static final String PASS = "pass=";

    private final ListingsSettings settings;
    private final ListingsData data;
    private final ListingsPages pages;
    private final ListingsGate gate;

    ListingsApi(ListingsSettings settings, ListingsData data) {
        this.settings = settings;
        this.data = data;
        pages = new ListingsPages(data, settings.pageSize);
        gate = new ListingsGate(settings.seed, settings.challengeEvery);
    }

    /** The pass. */
    @Override
    public Optional<String> credential(Ask ask) {
        return ask.header("Cookie")
                .flatMap(cookies -> Arrays.stream(cookies.split(";", -1))
                        .map(String::strip)
                        .filter(cookie -> cookie.startsWith(PASS))
                        .map(cookie -> cookie.substring(PASS.length()))
                        .findFirst());
    }

    @Override
    public Reply refusal(int status, String message) {
        return html(status, ListingsPages.plain(message));
    }

    private static Reply html(int status, String page) {
        return new Reply(status, "text/html; charset=utf-8", new JsonBytes(page.length() * 5 / 4).whole(page));
    }

    @Override
    public Reply answer(Ask ask) {
        if (!ask.method().equals("GET")) {
            return refusal(405, "Method not allowed");
        }
        return switch (ask.path()) {
            case "/sold" -> sold(ask);
            case "/challenge" -> challenge(ask);
            case "/robots.txt" ->
                new Reply(
                        200,
                        "text/plain; charset=utf-8",
                        new JsonBytes(80)
                                .raw(
                                        "User-agent: *\nAllow: /sold\nAllow: /challenge\nDisallow: /ads/\nCrawl-delay: 5\n"));
            default -> refusal(404, "There is no such page");
        };
    }

    private Reply sold(Ask ask) {
        Optional<YearMonth> month = month(ask.parameter("month").orElse(""));
        int page = number(ask.parameter("page").orElse("1"));
        if (month.isEmpty() || page < 1) {
            return refusal(400, "A month is like 2020-01, and pages are counted from 1");
        }
        if (!gate.passes(credential(ask))) {
            return html(settings.challengeStatus, ListingsPages.challenge(gate.challenge()));
        }
        return html(200, pages.list(month.get(), page));
    }

    private Reply challenge(Ask ask) {
        Optional<String> pass = ask.parameter("token").flatMap(gate::pass);
        if (pass.isEmpty()) {
            return refusal(403, "This challenge is over");
        }
        Reply reply = html(200, ListingsPages.plain("Thank you"));
        reply.headers().put("Set-Cookie", PASS + pass.get() + "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax");
        return reply;
    }

    private static Optional<YearMonth> month(String text) {
        try {
            return MONTH.matcher(text).matches() ? Optional.of(YearMonth.parse(text)) : Optional.empty();
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    @Override
    public void truth(Ask ask, OutputStream out) throws IOException {
        Optional<YearMonth> only = ask.parameter("month").map(YearMonth::parse);
        YearMonth last = only.orElse(settings.to);
        JsonBytes lines = new JsonBytes(1 << 16);
        for (YearMonth month = only.orElse(settings.from); !month.isAfter(last); month = month.plusMonths(1)) {
            int count = data.count(month);
            for (int i = 0; i < count; i++) {
                truth(lines, month, data.listing(month, i));
            }
            lines.to(out);
            lines.cut(0);
        }
    }

    private static void truth(JsonBytes lines, YearMonth month, ListingsData.Listing sale) {
        lines.raw("{\"month\":\"" + month + "\",\"link\":").text(sale.link());
        lines.raw(",\"address\":").text(sale.address());
        lines.raw(",\"city\":").text(sale.city());
        lines.raw(",\"type\":").text(sale.type());
        lines.raw(",\"rooms\":" + number(sale.rooms()) + ",\"area\":" + number(sale.area()));
        lines.raw(",\"price\":" + sale.price() + ",\"soldOn\":\"" + sale.soldOn() + "\"}\n");
    }

    private static String number(int tenths) {
        return tenths == 0 ? "null" : ListingsData.decimal(tenths, '.');
    }
}
