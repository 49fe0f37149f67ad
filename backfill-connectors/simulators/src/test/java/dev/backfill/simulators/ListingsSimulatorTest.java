package dev.backfill.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ListingsSimulatorTest {

    private static final Pattern SALE =
            Pattern.compile("<li class=\"card sale\">\\s+<a class=\"card-link\" href=\"(.*?)\">");
    private static final Pattern NEXT = Pattern.compile("<a rel=\"next\" href=\"(.*?)\">");
    private static final Pattern TOKEN = Pattern.compile("name=\"token\" value=\"(.*?)\"");
    private static final String MAY = "/sold?month=2020-05";

    private static ListingsSettings open() {
        return ListingsSimulator.with().challengeEvery(0);
    }

    private static List<String> found(Pattern pattern, String page) {
        List<String> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(page);
        while (matcher.find()) {
            found.add(matcher.group(1).replace("&amp;", "&"));
        }
        return found;
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static List<String> links(List<JsonNode> sales) {
        return sales.stream().map(sale -> sale.get("link").asString()).toList();
    }

    @Test
    void itsPagesLeadThroughAllSalesOfAMonth() throws Exception {
        try (ListingsSimulator site = open().pageSize(30).start(0)) {
            Client client = Client.of(site);
            List<String> links = new ArrayList<>();
            int pages = 0;
            for (List<String> next = List.of(MAY); !next.isEmpty(); pages++) {
                String page = client.text(next.get(0));
                assertThat(page).contains("<strong>" + site.count(YearMonth.of(2020, 5)) + "</strong> sold homes");
                links.addAll(found(SALE, page));
                next = found(NEXT, page);
            }
            List<JsonNode> truth = client.truth("?month=2020-05");
            assertThat(links).isEqualTo(links(truth)).doesNotHaveDuplicates();
            assertThat(truth).hasSize(site.count(YearMonth.of(2020, 5))).hasSizeBetween(500, 900);
            assertThat(pages).isEqualTo((truth.size() + 29) / 30);
            assertThat(client.text(MAY + "&page=" + pages)).containsPattern("page " + pages + "\\s+of " + pages + "<");
            assertThat(truth.stream().map(sale -> sale.get("soldOn").asString()))
                    .isSortedAccordingTo(java.util.Comparator.reverseOrder())
                    .allMatch(day -> day.startsWith("2020-05-"))
                    .contains("2020-05-31", "2020-05-01");
        }
    }

    @Test
    void holdsAboutWhatTheRealSiteHas() throws Exception {
        try (ListingsSimulator site = open().start(0)) {
            List<JsonNode> truth = Client.of(site).truth("");
            assertThat(truth).hasSizeBetween(53_000, 59_000);
            assertThat(new HashSet<>(links(truth))).hasSameSizeAs(truth);
            assertThat(truth.get(0).get("month").asString()).isEqualTo("2020-01");
            assertThat(truth.get(truth.size() - 1).get("month").asString()).isEqualTo("2025-11");
            assertThat(site.count(YearMonth.of(2021, 6))).isGreaterThan(1_500);
            assertThat(List.of(YearMonth.of(2020, 4), YearMonth.of(2019, 12), YearMonth.of(2025, 12)))
                    .allMatch(month -> site.count(month) == 0);
        }
    }

    @Test
    void saysWhenThereIsNothing() throws Exception {
        try (ListingsSimulator site = open().start(0)) {
            Client client = Client.of(site);
            for (String month : List.of("2020-04", "2031-01")) {
                assertThat(client.status("/sold?month=" + month)).isEqualTo(200);
                assertThat(client.text("/sold?month=" + month))
                        .contains("No sales in this month")
                        .doesNotContain("sold homes");
            }
            assertThat(client.status(MAY + "&page=1000")).isEqualTo(200);
            assertThat(client.text(MAY + "&page=1000")).contains("There is no page 1000", "sold homes");
            for (String wrong : List.of(
                    "",
                    "?month=2020",
                    "?month=2020-13",
                    "?month=May",
                    "?month=2020-05&page=0",
                    "?month=2020-05&page=x")) {
                assertThat(client.status("/sold" + wrong)).as(wrong).isEqualTo(400);
            }
            assertThat(client.status("/elsewhere")).isEqualTo(404);
            assertThat(client.text("/robots.txt")).startsWith("User-agent: *\n");
        }
    }

    @Test
    void itsSalesAreAsHardToReadAsRealOnes() throws Exception {
        try (ListingsSimulator site = open().pageSize(1_000).start(0)) {
            Client client = Client.of(site);
            String page = client.text(MAY);
            assertThat(page)
                    .contains(
                            "&nbsp;kr</strong>",
                            "<br>c/o ",
                            "&lt;Lilla&gt;",
                            "Villa &quot;Solbacken&quot;, ",
                            "Berg &amp; Dal",
                            "Söder",
                            "S&#246;der",
                            ",5&nbsp;rum")
                    .containsPattern("\\s=[A-ZSÖ]")
                    .contains("<li class=\"card ad\">");
            List<JsonNode> truth = client.truth("?month=2020-05");
            assertThat(truth).anyMatch(sale -> sale.get("type").isNull());
            assertThat(truth).anyMatch(sale -> sale.get("rooms").isNull());
            assertThat(truth).anyMatch(sale -> sale.get("area").isNull());
            assertThat(truth).anyMatch(sale -> sale.get("address").asString().contains("\n"));
        }
    }

    @Test
    void aMonthIsTheSameInEachSiteOfASeed() throws Exception {
        try (ListingsSimulator all = open().start(0);
                ListingsSimulator one = open().between(YearMonth.of(2020, 5), YearMonth.of(2020, 5))
                        .start(0);
                ListingsSimulator other = open().seed(2).start(0)) {
            String month = Client.of(all).text("/__truth?month=2020-05");
            assertThat(Client.of(one).text("/__truth")).isEqualTo(month);
            assertThat(Client.of(other).text("/__truth?month=2020-05")).isNotEqualTo(month);
        }
    }

    /** Answers a challenge and gives the cookie, without its attributes. */
    private static String pass(Client client, HttpResponse<byte[]> challenge) throws IOException, InterruptedException {
        HttpResponse<byte[]> thanks =
                client.send("/challenge?token=" + found(TOKEN, text(challenge)).get(0));
        assertThat(thanks.statusCode()).isEqualTo(200);
        return thanks.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
    }

    @Test
    void asksForAPassThatIsUsedUp() throws Exception {
        try (ListingsSimulator site =
                ListingsSimulator.with().challengeEvery(10).start(0)) {
            Set<String> passes = new HashSet<>();
            List<Integer> lengths = new ArrayList<>();
            HttpResponse<byte[]> answer = Client.of(site).send(MAY);
            for (int i = 0; i < 40; i++) {
                assertThat(answer.statusCode()).isEqualTo(403);
                assertThat(text(answer)).doesNotContain("sold homes");
                String pass = pass(Client.of(site), answer);
                passes.add(pass);
                Client client = Client.of(site).header("Cookie", "theme=dark; " + pass);
                int lists = 0;
                for (answer = client.send(MAY); answer.statusCode() == 200; answer = client.send(MAY)) {
                    lists++;
                }
                lengths.add(lists);
            }
            assertThat(passes).hasSize(40).allMatch(pass -> pass.matches("pass=[0-9a-f]{20,32}"));
            assertThat(lengths).allMatch(lists -> lists >= 5 && lists <= 15);
            assertThat(lengths.stream().mapToInt(lists -> lists).average().orElseThrow())
                    .isBetween(8.0, 12.0);
        }
    }

    @Test
    void aTokenIsGoodOnceAndAPassForAnyClient() throws Exception {
        try (ListingsSimulator site =
                ListingsSimulator.with().challengeStatus(200).start(0)) {
            Client client = Client.of(site);
            HttpResponse<byte[]> challenge = client.send(MAY);
            assertThat(challenge.statusCode()).isEqualTo(200);
            String pass = pass(client, challenge);
            assertThat(client.status(
                            "/challenge?token=" + found(TOKEN, text(challenge)).get(0)))
                    .isEqualTo(403);
            assertThat(client.status("/challenge?token=0")).isEqualTo(403);
            assertThat(client.status("/challenge")).isEqualTo(403);
            assertThat(Client.of(site).header("Cookie", "pass=0").text(MAY)).contains("id=\"challenge\"");
            assertThat(Client.of(site).header("Cookie", pass).text(MAY)).contains("sold homes");
            List<String> log = client.log();
            assertThat(log).hasSize(7);
            assertThat(log.get(0)).endsWith(" - 200 " + MAY);
            assertThat(log.get(6)).matches("\\d+ [0-9a-f]{16} 200 /sold.*");
            assertThat(client.text("/__log")).doesNotContain(pass.substring(5));
        }
    }

    @Test
    void failsNowAndThen() throws Exception {
        try (ListingsSimulator site =
                open().faults(50, Fault.ERROR, Fault.DROPPED).start(0)) {
            Client client = Client.of(site);
            Set<String> seen = new HashSet<>();
            for (int page = 1; page <= 40; page++) {
                try {
                    HttpResponse<byte[]> answer = client.send(MAY + "&page=" + page);
                    seen.add(String.valueOf(answer.statusCode()));
                    assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
                } catch (IOException e) {
                    seen.add("dropped");
                }
            }
            assertThat(seen).contains("200", "503", "dropped");
        }
    }

    @Test
    void refusesSettingsThatCannotBe() {
        ListingsSettings with = ListingsSimulator.with();
        assertThatThrownBy(() -> with.listings(-1)).hasMessageContaining("listings must be from 0 to 100000, not -1");
        assertThatThrownBy(() -> with.pageSize(0)).hasMessageContaining("pageSize");
        assertThatThrownBy(() -> with.challengeStatus(429)).hasMessageContaining("403 or 200, not 429");
        assertThatThrownBy(() -> with.between(YearMonth.of(2020, 2), YearMonth.of(2020, 1)))
                .hasMessageContaining("before they begin");
        assertThatThrownBy(() -> with.latency(Duration.ofMillis(-1), Duration.ZERO))
                .hasMessageContaining("negative");
    }
}
