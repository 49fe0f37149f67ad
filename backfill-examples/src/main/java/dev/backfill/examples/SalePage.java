package dev.backfill.examples;

import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.TextNode;
import org.jspecify.annotations.Nullable;

/**
 * Reads a page of the site. What is not there as it was when this was written is told and never guessed, since a changed page would
 * otherwise look like a month with fewer sales.
 *
 * @param number of the page that was asked for, from 1
 */
record SalePage(Document html, YearMonth month, int number) {

    private static final Pattern STATUS = Pattern.compile("page (\\d{1,9}) of (\\d{1,9})");
    private static final Pattern HITS = Pattern.compile("([\\d ]{1,15}) sold homes");
    private static final Pattern PRICE = Pattern.compile("([\\d ]{1,18}) kr");
    private static final Pattern ROOMS = Pattern.compile("(\\d{1,6}(?:,\\d{1,6})?) rum");
    private static final Pattern AREA = Pattern.compile("(\\d{1,6}(?:,\\d{1,6})?) m²");
    private static final String BREAK = "\u2028";
    private static final int SHOWN = 200;

    /** Where to ask for a pass, if the page is a challenge. */
    static Optional<URI> challenge(Document html, URI page) {
        Element form = html.selectFirst("form#challenge[action]");
        if (form == null) {
            return Optional.empty();
        }
        String query = form.select("input[type=hidden][name]").stream()
                .map(input -> encoded(input.attr("name")) + "=" + encoded(input.attr("value")))
                .collect(Collectors.joining("&"));
        URI asked;
        try {
            asked = page.resolve(form.attr("action") + "?" + query);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("the challenge leads to no address: " + shown(form.attr("action")), e);
        }
        if (!asked.resolve("/").equals(page.resolve("/"))) { // scheme, host and port
            throw new IllegalStateException("the challenge leads to another site: " + shown(asked.toString()));
        }
        return Optional.of(asked);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** The sales, and the next page if the pager has one, however few sales this one has. */
    Page<Sale> sales() {
        if (html.selectFirst("main p.none, main p.beyond") != null) {
            if (number > 1) { // sales that moved to pages before this one would be missed
                throw new ExpiredCursorException(month + " has no page " + number + " any more");
            }
            return Page.<Sale>last(List.of()).withTotal(0);
        }
        Element list = html.selectFirst("main ul.cards");
        Element pager = html.selectFirst("main nav.pager");
        Element status = html.selectFirst("main nav.pager .status");
        Element hits = html.selectFirst("main p.hits");
        if (list == null || pager == null || status == null || hits == null) {
            throw new IllegalStateException(
                    place() + " is neither a list of sales nor says that there are none: " + shown(html.text()));
        }
        List<Sale> sales = new ArrayList<>();
        for (Element card : list.select("> li.sale")) {
            sales.add(sale(card));
        }
        if (sales.isEmpty()) {
            throw new IllegalStateException(place() + " is a list without a sale: " + shown(list.text()));
        }
        return next(pager, status.text())
                ? Page.of(sales, number + 1).withTotal(number(HITS, hits))
                : Page.last(sales).withTotal(number(HITS, hits));
    }

    private boolean next(Element pager, String status) {
        boolean next = pager.selectFirst("a[rel=next]") != null;
        Matcher told = STATUS.matcher(plain(status));
        if (!told.matches()
                || Integer.parseInt(told.group(1)) != number
                || next != (Integer.parseInt(told.group(2)) > number)) {
            throw new IllegalStateException(
                    place() + " says \"" + shown(status) + "\", and has " + (next ? "a next page" : "no next page"));
        }
        return next;
    }

    private Sale sale(Element card) {
        String day = wanted(card, "time.sold[datetime]").attr("datetime");
        LocalDate soldOn;
        try {
            soldOn = LocalDate.parse(day);
        } catch (DateTimeException e) {
            throw unreadable(card, "day");
        }
        return new Sale(
                wanted(card, "a.card-link[href]").attr("href"),
                lines(wanted(card, "h2.address")),
                plain(wanted(card, "span.city").text()),
                text(card.selectFirst("span.type")),
                decimal(ROOMS, card.selectFirst("li.rooms")),
                decimal(AREA, card.selectFirst("li.area")),
                number(PRICE, wanted(card, ".price strong")),
                soldOn);
    }

    private Element wanted(Element card, String query) {
        Element found = card.selectFirst(query);
        if (found == null) {
            throw unreadable(card, query);
        }
        return found;
    }

    private static @Nullable String text(@Nullable Element element) {
        return element == null ? null : plain(element.text());
    }

    /** The text with its line breaks, and without those that are only in the source of the page. */
    private static String lines(Element element) {
        Element copy = element.clone();
        copy.select("br").forEach(line -> line.replaceWith(new TextNode(BREAK)));
        return Arrays.stream(plain(copy.text()).split(BREAK, -1))
                .map(String::strip)
                .collect(Collectors.joining("\n"));
    }

    private static String plain(String text) {
        return text.replace('\u00a0', ' ').strip();
    }

    private @Nullable BigDecimal decimal(Pattern pattern, @Nullable Element element) {
        return element == null ? null : new BigDecimal(matched(pattern, element).replace(',', '.'));
    }

    private long number(Pattern pattern, Element element) {
        String digits = matched(pattern, element).replace(" ", "");
        if (digits.isEmpty()) {
            throw unreadable(element, "number");
        }
        return Long.parseLong(digits);
    }

    private String matched(Pattern pattern, Element element) {
        Matcher matcher = pattern.matcher(plain(element.text()));
        if (!matcher.matches()) {
            throw unreadable(element, "number");
        }
        return matcher.group(1);
    }

    private IllegalStateException unreadable(Element at, String what) {
        return new IllegalStateException(
                place() + " has changed: no " + what + " that can be read in \"" + shown(at.outerHtml()) + "\"");
    }

    private String place() {
        return "page " + number + " of " + month;
    }

    /** The beginning, on one line and without what a terminal would act on. */
    static String shown(String text) {
        String one = text.substring(0, Math.min(text.length(), SHOWN)).replaceAll("[\\p{Cc}\\p{Cf}\\s]+", " ");
        return text.length() > SHOWN ? one + "…" : one;
    }
}
