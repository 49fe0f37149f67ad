package dev.backfill.examples;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Source;
import dev.backfill.TransientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.YearMonth;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;

/**
 * A web site that lists the homes that were sold, a month at a time; scraped, since it has no API.
 *
 * <p>A challenge in the place of a page is answered once, by one thread for all, and the cookie that the site gives for it is kept in the
 * {@link Session}. Pauses between pages are the job's, by {@link Source#limitedBy}. Safe for several threads.
 */
final class ListingsSite {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final Duration LATER = Duration.ofSeconds(30);
    private static final long LONGEST_WAIT = Duration.ofDays(1).toSeconds();
    private static final String END = "</html>";

    private final ReentrantLock answering = new ReentrantLock();
    private final URI url;
    private final Session session;
    private final int maxPages;
    private final WebPages web;

    /**
     * @param url the site, such as {@code https://homes.example}
     * @param maxPages how many pages of a month are read at most; a month with more fails behind them, and is not done
     */
    ListingsSite(URI url, Session session, int maxPages) {
        this.url = url;
        this.session = session;
        this.maxPages = maxPages;
        web = new WebPages(session, TIMEOUT);
    }

    /** The sales of a month, a page of the site at a time. The cursor is the page's number, from 1. */
    Source<Sale> sold(YearMonth month) {
        return new Source<>() {
            @Override
            public Page<Sale> read(Cursor from) throws IOException, InterruptedException {
                int number = from.orElse(1);
                if (number > maxPages) {
                    throw new IllegalStateException(
                            month + " has more than " + maxPages
                                    + " pages; those were read, and the month is not done: run again with a larger --max-pages");
                }
                return new SalePage(page(month, number), month, number).sales();
            }

            @Override
            public Paging paging() {
                return Paging.OFFSET;
            }

            @Override
            public String definition() {
                return "sold homes page by page";
            }
        };
    }

    private Document page(YearMonth month, int number) throws IOException, InterruptedException {
        URI address = url.resolve("/sold?month=" + month + "&page=" + number);
        WebPages.Answer answer = web.get(address);
        Document html = html(address, answer);
        Optional<URI> challenge = SalePage.challenge(html, address);
        if (challenge.isPresent()) {
            pass(challenge.get(), answer.sent());
            answer = web.get(address);
            html = html(address, answer);
            if (SalePage.challenge(html, address).isPresent()) {
                throw new TransientException("the site asks for another challenge right after one was answered", LATER);
            }
        }
        if (answer.status() != 200) {
            throw new IllegalStateException("the site answers " + answer.status() + " to page " + number + " of "
                    + month + ": " + SalePage.shown(html.text()));
        }
        return html;
    }

    /** @param sent the cookies that were not good enough */
    private void pass(URI challenge, String sent) throws IOException, InterruptedException {
        answering.lockInterruptibly();
        try {
            if (session.header().equals(sent)) { // else another thread was faster
                WebPages.Answer answer = web.get(challenge);
                if (mayPass(answer.status())) {
                    throw later(answer);
                }
            }
        } finally {
            answering.unlock();
        }
    }

    private static Document html(URI address, WebPages.Answer answer) throws IOException {
        if (mayPass(answer.status())) {
            throw later(answer);
        }
        Document html =
                Jsoup.parse(new ByteArrayInputStream(answer.body()), StandardCharsets.UTF_8.name(), address.toString());
        if (cut(answer)) {
            throw new TransientException(
                    "the page " + address.getPath() + " does not come to its end: " + SalePage.shown(html.text()));
        }
        return html;
    }

    /** Whether the end is missing, which a lenient parser would not tell. */
    private static boolean cut(WebPages.Answer answer) {
        String text = new String(answer.body(), StandardCharsets.ISO_8859_1).strip();
        return (answer.status() == 200 || text.startsWith("<"))
                && !text.substring(Math.max(0, text.length() - END.length())).equalsIgnoreCase(END);
    }

    private static boolean mayPass(int status) {
        return status == 408 || status == 425 || status == 429 || status >= 500;
    }

    private static TransientException later(WebPages.Answer answer) {
        String message = "the site answers " + answer.status();
        String after = answer.headers().firstValue("Retry-After").orElse("");
        return after.matches("\\d{1,9}")
                ? new TransientException(message, Duration.ofSeconds(Math.min(LONGEST_WAIT, Long.parseLong(after))))
                : new TransientException(message);
    }
}
