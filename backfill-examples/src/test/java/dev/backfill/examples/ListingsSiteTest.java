package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.simulators.Fault;
import dev.backfill.simulators.ListingsSettings;
import dev.backfill.simulators.ListingsSimulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example's own scraper, against the simulated site. */
class ListingsSiteTest {

    private static final YearMonth MAY = YearMonth.of(2020, 5);
    private static final String HOST = "127.0.0.1";

    @TempDir
    Path folder = Path.of("");

    private static ListingsSite site(ListingsSimulator simulated, Session session) {
        return new ListingsSite(simulated.url(), session, Integer.MAX_VALUE);
    }

    private static String get(ListingsSimulator simulated, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(simulated.url().resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static long challenges(ListingsSimulator simulated) throws Exception {
        return get(simulated, "/__log")
                .lines()
                .filter(line -> line.contains("/challenge?"))
                .count();
    }

    /** A page, tried again as a runner does. */
    private static Page<Sale> patient(Source<Sale> source, Cursor from) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return source.read(from);
            } catch (IOException | TransientException e) {
                assertThat(attempt).as("attempts, the last one: " + e).isLessThan(20);
            }
        }
    }

    private static List<Sale> all(ListingsSite site, YearMonth month) throws Exception {
        List<Sale> sales = new ArrayList<>();
        Source<Sale> source = site.sold(month);
        Page<Sale> page = patient(source, Cursor.START);
        sales.addAll(page.items());
        while (page.next().isPresent()) {
            page = patient(source, page.next().get());
            sales.addAll(page.items());
        }
        assertThat(page.total()).hasValue(sales.size());
        return sales;
    }

    private static String json(@Nullable String text) {
        return text == null
                ? "null"
                : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\u000a") + "\"";
    }

    private static String line(YearMonth month, Sale sale) {
        return "{\"month\":\"" + month + "\",\"link\":" + json(sale.link()) + ",\"address\":" + json(sale.address())
                + ",\"city\":"
                + json(sale.city()) + ",\"type\":" + json(sale.type()) + ",\"rooms\":" + sale.rooms() + ",\"area\":"
                + sale.area() + ",\"price\":" + sale.price() + ",\"soldOn\":\"" + sale.soldOn() + "\"}";
    }

    private static List<String> lines(ListingsSite site, YearMonth first, YearMonth last) throws Exception {
        List<String> lines = new ArrayList<>();
        for (YearMonth month = first; !month.isAfter(last); month = month.plusMonths(1)) {
            for (Sale sale : all(site, month)) {
                lines.add(line(month, sale));
            }
        }
        return lines;
    }

    @Test
    void readsAllMonthsAsTheyAre() throws Exception {
        try (ListingsSimulator simulated =
                ListingsSimulator.with().listings(200).start(0)) {
            List<String> lines =
                    lines(site(simulated, Session.passing(HOST)), YearMonth.of(2020, 1), YearMonth.of(2025, 11));
            assertThat(lines).isEqualTo(get(simulated, "/__truth").lines().toList());
            assertThat(lines).anyMatch(line -> line.contains("\"address\":\"="));
            assertThat(lines).anyMatch(line -> line.contains("\\u000ac/o Åkesson"));
        }
    }

    @Test
    void bearsFaultsOfAllKinds() throws Exception {
        ListingsSettings faulty = ListingsSimulator.with()
                .listings(300)
                .between(YearMonth.of(2020, 1), YearMonth.of(2020, 6))
                .faults(25, Fault.ERROR, Fault.DROPPED, Fault.RESET, Fault.TRUNCATED)
                .challengeEvery(9);
        for (int status : new int[] {403, 200}) {
            try (ListingsSimulator simulated = faulty.challengeStatus(status).start(0)) {
                assertThat(lines(site(simulated, Session.passing(HOST)), YearMonth.of(2020, 1), YearMonth.of(2020, 6)))
                        .isEqualTo(get(simulated, "/__truth").lines().toList());
                assertThat(challenges(simulated)).isGreaterThan(3);
            }
        }
    }

    @Test
    void anEmptyMonthIsOnePageWithoutSales() throws Exception {
        try (ListingsSimulator simulated = ListingsSimulator.with().start(0)) {
            Page<Sale> page = site(simulated, Session.passing(HOST))
                    .sold(YearMonth.of(2020, 4))
                    .read(Cursor.START);
            assertThat(page).isEqualTo(Page.<Sale>last(List.of()).withTotal(0));
        }
    }

    @Test
    void aPageThatIsGoneHasTheMonthReadAgain() throws Exception {
        try (ListingsSimulator simulated = ListingsSimulator.with().start(0)) {
            ListingsSite site = site(simulated, Session.passing(HOST));
            assertThatThrownBy(() -> site.sold(MAY).read(Cursor.of(1_000)))
                    .isInstanceOf(ExpiredCursorException.class)
                    .hasMessage("2020-05 has no page 1000 any more");
            assertThatThrownBy(() -> site.sold(YearMonth.of(2020, 4)).read(Cursor.of(2)))
                    .isInstanceOf(ExpiredCursorException.class);
        }
    }

    @Test
    void aMonthWithTooManyPagesGivesTheFirstOnesAndFails() throws Exception {
        try (ListingsSimulator simulated = ListingsSimulator.with().start(0)) {
            Source<Sale> source = new ListingsSite(simulated.url(), Session.passing(HOST), 2).sold(MAY);
            Page<Sale> second = source.read(source.read(Cursor.START).next().orElseThrow());
            assertThat(second.items()).hasSize(50);
            assertThatThrownBy(() -> source.read(second.next().orElseThrow()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("2020-05 has more than 2 pages")
                    .hasMessageContaining("--max-pages");
        }
    }

    @Test
    void aRestartWithTheSessionMeetsNoNewChallenge() throws Exception {
        Path file = folder.resolve("new/session");
        try (ListingsSimulator simulated = ListingsSimulator.with().start(0)) {
            site(simulated, Session.in(file, HOST)).sold(MAY).read(Cursor.START);
            assertThat(challenges(simulated)).isEqualTo(1);
            site(simulated, Session.in(file, HOST)).sold(MAY).read(Cursor.START);
            assertThat(challenges(simulated)).isEqualTo(1);
            site(simulated, Session.passing(HOST)).sold(MAY).read(Cursor.START);
            assertThat(challenges(simulated)).isEqualTo(2);
        }
    }

    @Test
    void severalThreadsAnswerAChallengeOnce() throws Exception {
        try (ListingsSimulator simulated = ListingsSimulator.with()
                .latency(Duration.ofMillis(50), Duration.ZERO)
                .start(0)) {
            ListingsSite site = site(simulated, Session.passing(HOST));
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Callable<Page<Sale>>> reads = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                reads.add(() -> site.sold(MAY).read(Cursor.START));
            }
            for (Future<Page<Sale>> read : threads.invokeAll(reads)) {
                assertThat(read.get().items()).hasSize(50);
            }
            threads.shutdown();
            assertThat(challenges(simulated)).isEqualTo(1);
        }
    }

    /** What the scraper makes of a site that always answers so. */
    private static @Nullable Throwable made(int status, String header, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            if (!header.isEmpty()) {
                exchange.getResponseHeaders().add(header.split(": ")[0], header.split(": ")[1]);
            }
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
            Source<Sale> source = new ListingsSite(url, Session.passing(HOST), 9).sold(MAY);
            return org.assertj.core.api.Assertions.catchThrowable(() -> source.read(Cursor.START));
        } finally {
            server.stop(0);
        }
    }

    private static String page(String main) {
        return "<!doctype html><html><body><main>" + main + "</main></body></html>\n";
    }

    @Test
    void whatIsNoListFailsWithItsFirstWords() throws Exception {
        assertThat(made(200, "", page("Closed for\nmaintenance \u001b[2J<b>today</b> " + "x".repeat(500))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("page 1 of 2020-05 is neither a list of sales nor says that there are none: "
                        + "Closed for maintenance [2J")
                .hasMessageEndingWith("xxx…");
        assertThat(made(404, "", page("Gone")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("404 to page 1 of 2020-05: Gone");
        assertThat(made(403, "", page("Go away")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("403")
                .hasMessageContaining("Go away");
        assertThat(made(302, "Location: http://127.0.0.1:1/", page("")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("302");
        assertThat(made(200, "", page("x".repeat(9 << 20))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void whatMayPassIsSaidToPass() throws Exception {
        assertThat(made(503, "", "")).isInstanceOf(TransientException.class).hasMessageContaining("503");
        assertThat(made(429, "Retry-After: 7", ""))
                .isInstanceOfSatisfying(
                        TransientException.class, e -> assertThat(e.after()).contains(Duration.ofSeconds(7)));
        assertThat(made(200, "", "<html><main>half"))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("half");
        assertThat(made(403, "", page("<form id=challenge action='/challenge'></form>")))
                .isInstanceOfSatisfying(
                        TransientException.class, e -> assertThat(e.after()).isPresent())
                .hasMessageContaining("another challenge");
    }

    @Test
    void noChallengeLeadsElsewhere() throws Exception {
        for (String action : List.of("http://127.0.0.1:1/challenge", "//example.org/", "https:///")) {
            assertThat(made(403, "", page("<form id=challenge action='" + action + "'></form>")))
                    .as(action)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the challenge leads to");
        }
    }

    private static String list(String cards, String status, String more) {
        return page("<p class=hits><strong>60</strong> sold homes</p><ul class=cards>" + cards
                + "</ul><nav class=pager><span class=status>" + status + "</span>" + more + "</nav>");
    }

    private static String card(String price) {
        return "<li class='card sale'><a class=card-link href=/1><h2 class=address>A</h2><span class=city>B</span><div class=price>"
                + "<strong>" + price + "</strong></div><time class=sold datetime=2020-05-01></time></a>";
    }

    @Test
    void aPageThatHasChangedIsNotGuessedAt() throws Exception {
        String next = "<a rel=next href=/>Next</a>";
        assertThat(made(200, "", list(card("1 000 kr"), "page 1 of 2", next))).isNull();
        assertThat(made(200, "", list("<li class=home>A", "page 1 of 2", next)))
                .hasMessageContaining("a list without a sale");
        assertThat(made(200, "", list(card("1,000 kr"), "page 1 of 2", next)))
                .hasMessageContaining("no number that can be read");
        assertThat(made(200, "", list(card("on request"), "page 1 of 2", next))).hasMessageContaining("on request");
        assertThat(made(200, "", list(card("1 000 kr").replace("2020-05-01", "May"), "page 1 of 2", next)))
                .hasMessageContaining("no day that can be read");
        assertThat(made(200, "", list(card("1 000 kr").replace("class=city", ""), "page 1 of 2", next)))
                .hasMessageContaining("no span.city");
        for (String wrong : List.of("page 2 of 3", "1 / 2", "page 1 of 1")) {
            assertThat(made(200, "", list(card("1 000 kr"), wrong, next)))
                    .hasMessageContaining("says \"" + wrong + "\"");
        }
        assertThat(made(200, "", list(card("1 000 kr"), "page 1 of 2", ""))).hasMessageContaining("has no next page");
    }
}
