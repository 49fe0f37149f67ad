package dev.backfill.simulators;

import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The pages of the site as people see them: nested, spaced and encoded as templates do, with what is no sale between the sales. */
final class ListingsPages {

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private static final int AD_BEHIND = 3;

    private final ListingsData data;
    private final int pageSize;

    ListingsPages(ListingsData data, int pageSize) {
        this.data = data;
        this.pageSize = pageSize;
    }

    private static String page(String title, String main) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                  <meta charset="utf-8">
                  <title>%s</title>
                  <script>window.card = '<li class="card sale"><a href="/homes/0">$title</a></li>';</script>
                </head>
                <body>
                <header><a href="/">Homes &amp; Gardens</a></header>
                <main>
                %s</main>
                <footer>&copy; Homes &amp; Gardens</footer>
                </body>
                </html>
                """.formatted(title, main);
    }

    /** @param token of the challenge */
    static String challenge(String token) {
        return page("Just a moment…", """
                <h1>Checking that you are no robot</h1>
                <form id="challenge" action="/challenge" method="get">
                  <input type="hidden" name="token" value="%s">
                  <button type="submit">Go on</button>
                </form>
                """.formatted(token));
    }

    /** A page with a sentence and nothing else. */
    static String plain(String sentence) {
        return page(text(sentence), "<p class=\"message\">" + text(sentence) + "</p>\n");
    }

    /** A page of a month's list, whether there is such a page or not. */
    String list(YearMonth month, int number) {
        int count = data.count(month);
        int last = Math.max(1, (count + pageSize - 1) / pageSize);
        StringBuilder main = new StringBuilder("<h1>Sold in <span class=\"month\">" + month + "</span></h1>\n");
        if (count == 0) {
            return page(
                    "Sold",
                    main.append("<p class=\"none\">No sales in this month</p>\n")
                            .toString());
        }
        main.append("<p class=\"hits\"><strong>").append(thousands(count)).append("</strong> sold homes</p>\n");
        if (number > last) {
            return page(
                    "Sold",
                    main.append("<p class=\"beyond\">There is no page " + number + "</p>\n")
                            .toString());
        }
        main.append("<ul class=\"cards\">\n");
        int first = (number - 1) * pageSize;
        for (int i = first; i < Math.min(count, first + pageSize); i++) {
            card(main, data.listing(month, i), i % 5 == 0);
            if (i - first == AD_BEHIND) {
                main.append("""
                          <li class="card ad"><a class="card-link" href="/ads/1"><h2 class="address">Sell with us</h2>
                            <div class="price">from <strong>9&nbsp;900&nbsp;kr</strong></div></a></li>
                        """);
            }
        }
        main.append("</ul>\n<nav class=\"pager\">\n");
        if (number > 1) {
            main.append(link(month, number - 1, "prev", "Previous"));
        }
        main.append("  <span class=\"status\">page " + number + "\n    of " + last + "</span>\n");
        if (number < last) {
            main.append(link(month, number + 1, "next", "Next"));
        }
        return page("Sold", main.append("</nav>\n").toString());
    }

    private static String link(YearMonth month, int number, String rel, String words) {
        return "  <a rel=\"" + rel + "\" href=\"/sold?month=" + month + "&amp;page=" + number + "\">" + words
                + "</a>\n";
    }

    private static void card(StringBuilder out, ListingsData.Listing sale, boolean numeric) {
        String address = text(sale.address()).replace("\n", "<br>");
        out.append("  <li class=\"card sale\">\n    <a class=\"card-link\" href=\"" + sale.link() + "\">\n");
        out.append("      <div class=\"head\"><h2 class=\"address\">\n        ")
                .append(numeric ? numeric(address) : address)
                .append("\n      </h2>\n      <p>");
        String type = sale.type();
        if (type != null) {
            out.append("<span class=\"type\">").append(text(type)).append("</span> in ");
        }
        out.append("<span class=\"city\">")
                .append(text(sale.city()))
                .append("</span></p></div>\n      <ul class=\"facts\">");
        if (sale.rooms() > 0) {
            out.append("<li class=\"rooms\">" + ListingsData.decimal(sale.rooms(), ',') + "&nbsp;rum</li>");
        }
        if (sale.area() > 0) {
            out.append("<li class=\"area\">" + ListingsData.decimal(sale.area(), ',') + "&nbsp;m²</li>");
        }
        LocalDate day = sale.soldOn();
        out.append("</ul>\n      <div class=\"price\">Final price\n        <strong>")
                .append(thousands(sale.price()))
                .append("&nbsp;kr</strong></div>\n      <time class=\"sold\" datetime=\"" + day + "\">Sold on ")
                .append(DAY.format(day).replace(" ", "&nbsp;"))
                .append("</time>\n    </a>\n  </li>\n");
    }

    private static String thousands(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(",", "&nbsp;");
    }

    private static String text(String plain) {
        return plain.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** The same for a browser, in ASCII. */
    private static String numeric(String html) {
        StringBuilder ascii = new StringBuilder();
        html.codePoints().forEach(c -> ascii.append(c < 0x80 ? Character.toString(c) : "&#" + c + ";"));
        return ascii.toString();
    }
}
