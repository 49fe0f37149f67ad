package dev.backfill.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Secret;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BlazeSimulatorTest {

    private static final String PATH = "/api/v1/partner/transactions";
    private static final ZoneId ZONE = ZoneId.of("America/Los_Angeles");

    /** A month with about 32 transactions a day. */
    private static BlazeSettings month() {
        return BlazeSimulator.with().transactions(1_000).between(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 31));
    }

    private static LocalDate day(JsonNode transaction) {
        return Instant.ofEpochMilli(transaction.get("completedTime").asLong())
                .atZone(ZONE)
                .toLocalDate();
    }

    private static List<String> ids(Collection<JsonNode> rows) {
        return rows.stream().map(row -> row.get("id").asString()).toList();
    }

    private static List<JsonNode> items(JsonNode transaction) {
        JsonNode cart = transaction.get("cart");
        JsonNode items = cart == null || cart.isNull() ? null : cart.get("items");
        return items == null || items.isNull()
                ? List.of()
                : StreamSupport.stream(items.spliterator(), false).toList();
    }

    @Test
    void asksForBothKeys() throws Exception {
        try (BlazeSimulator blaze = month().start(0)) {
            String partner = blaze.partnerKey().reveal();
            String store = blaze.dispensaryKey().reveal();
            assertThat(Client.of(blaze).status(PATH)).isEqualTo(200);
            assertThat(Client.bare(blaze)
                            .header("x-api-key", partner)
                            .header("Authorization", store)
                            .status(PATH))
                    .isEqualTo(200);
            assertThat(Client.bare(blaze).header("Authorization", store).json(PATH))
                    .hasToString("{\"error\":\"Unauthorized\",\"message\":\"Invalid partner key\",\"status\":401}");
            assertThat(Client.bare(blaze).header("partner_key", partner).status(PATH))
                    .isEqualTo(401);
            assertThat(Client.of(blaze).header("partner_key", "wrong").status(PATH))
                    .isEqualTo(401);
            assertThat(Client.of(blaze)
                            .header("Authorization", "Bearer " + store)
                            .status(PATH))
                    .isEqualTo(401);
        }
    }

    @Test
    void takesOtherKeysAndHeadersWhenTold() throws Exception {
        Secret partner = Secret.of("partner", "another-partner");
        Secret store = Secret.of("store", "another-store");
        try (BlazeSimulator blaze = month().keys(partner, store)
                .and(BlazeQuirk.STORE_KEY_403, BlazeQuirk.BEARER_ACCEPTED, BlazeQuirk.API_KEY_HEADER_ONLY)
                .start(0)) {
            Client client = Client.bare(blaze).header("x-api-key", "another-partner");
            assertThat(client.header("Authorization", "wrong").status(PATH)).isEqualTo(403);
            assertThat(client.header("Authorization", "Bearer another-store").status(PATH))
                    .isEqualTo(200);
            assertThat(Client.of(blaze).status(PATH)).isEqualTo(401);
        }
        try (BlazeSimulator blaze =
                month().and(BlazeQuirk.PARTNER_KEY_HEADER_ONLY).start(0)) {
            assertThat(Client.of(blaze).status(PATH)).isEqualTo(200);
            assertThat(Client.bare(blaze)
                            .header("x-api-key", blaze.partnerKey().reveal())
                            .header("Authorization", blaze.dispensaryKey().reveal())
                            .status(PATH))
                    .isEqualTo(401);
        }
    }

    @Test
    void takesOnlyItsOwnKindOfDates() throws Exception {
        try (BlazeSimulator blaze = month().start(0)) {
            Client client = Client.of(blaze);
            for (String wrong : List.of("2024-01-01", "1/1/2024", "01/32/2024", "02/30/2024", "Jan1")) {
                String path = PATH + "?startDate=" + wrong + "&endDate=01/08/2024";
                assertThat(client.status(path)).as(wrong).isEqualTo(400);
                assertThat(client.json(path).get("errorType").asString()).endsWith("BlazeInvalidArgException");
            }
            assertThat(client.window("01/08/2024", "01/01/2024", "")
                            .get("status")
                            .asInt())
                    .isEqualTo(400);
            assertThat(client.window("01/01/2024", "01/09/2024", "")
                            .get("message")
                            .asString())
                    .isEqualTo("Date range cannot exceed 7 days");
            assertThat(client.window("01/01/2024", "01/08/2024", "")
                            .get("total")
                            .asInt())
                    .isPositive();
            assertThat(client.status(PATH + "?skip=many")).isEqualTo(400);
        }
    }

    @Test
    void cutsWindowsByTheDaysOfTheShop() throws Exception {
        try (BlazeSimulator blaze = month().start(0);
                BlazeSimulator exclusive =
                        month().and(BlazeQuirk.END_DATE_EXCLUSIVE).start(0)) {
            List<JsonNode> rows = Client.of(blaze).all("01/05/2024", "01/06/2024");
            assertThat(rows).extracting(BlazeSimulatorTest::day).contains(LocalDate.of(2024, 1, 5));
            assertThat(new HashSet<>(rows.stream().map(BlazeSimulatorTest::day).toList()))
                    .containsExactlyInAnyOrder(LocalDate.of(2024, 1, 5), LocalDate.of(2024, 1, 6));
            assertThat(new HashSet<>(Client.of(exclusive).all("01/05/2024", "01/06/2024").stream()
                            .map(BlazeSimulatorTest::day)
                            .toList()))
                    .containsExactly(LocalDate.of(2024, 1, 5));
        }
    }

    @Test
    void meansTheLastSevenDaysWhenNoneAreNamed() throws Exception {
        LocalDate today = Instant.now().atZone(ZONE).toLocalDate();
        BlazeSettings recent = BlazeSimulator.with().transactions(600).between(today.minusDays(29), today);
        try (BlazeSimulator blaze = recent.start(0);
                BlazeSimulator strict = recent.and(BlazeQuirk.DATES_REQUIRED).start(0)) {
            JsonNode page = Client.of(blaze).json(PATH);
            assertThat(page.get("total").asInt()).isBetween(100, 170);
            assertThat(day(page.get("values").get(0))).isEqualTo(today.minusDays(7));
            assertThat(Client.of(strict).status(PATH)).isEqualTo(400);
        }
    }

    @Test
    void givesTheSameTransactionsInWindowsThatShareADay() throws Exception {
        try (BlazeSimulator blaze = month().start(0)) {
            Set<String> first = new HashSet<>(ids(Client.of(blaze).all("01/01/2024", "01/08/2024")));
            List<JsonNode> second = Client.of(blaze).all("01/08/2024", "01/15/2024");
            List<String> shared = ids(second).stream().filter(first::contains).toList();
            assertThat(shared).hasSizeGreaterThan(20);
            assertThat(second.stream()
                            .filter(row -> shared.contains(row.get("id").asString()))
                            .map(BlazeSimulatorTest::day))
                    .containsOnly(LocalDate.of(2024, 1, 8));
        }
    }

    @Test
    void ordersByCompletionWithTiesAndNotByCreation() throws Exception {
        try (BlazeSimulator blaze = month().start(0);
                BlazeSimulator newest = month().and(BlazeQuirk.NEWEST_FIRST).start(0);
                BlazeSimulator processed =
                        month().and(BlazeQuirk.FILTERS_BY_PROCESSED).start(0)) {
            List<JsonNode> rows = Client.of(blaze).all("01/01/2024", "01/08/2024");
            List<Long> completed =
                    rows.stream().map(row -> row.get("completedTime").asLong()).toList();
            assertThat(completed).isSorted().hasSizeGreaterThan(new HashSet<>(completed).size());
            List<Long> created =
                    rows.stream().map(row -> row.get("created").asLong()).toList();
            assertThat(created).isNotEqualTo(created.stream().sorted().toList());
            assertThat(ids(rows)).doesNotHaveDuplicates();
            List<String> backwards = new ArrayList<>(ids(Client.of(newest).all("01/01/2024", "01/08/2024")));
            java.util.Collections.reverse(backwards);
            assertThat(backwards).isEqualTo(ids(rows));
            List<JsonNode> other = Client.of(processed).all("01/01/2024", "01/08/2024");
            assertThat(other.stream().map(row -> row.get("processedTime").asLong()))
                    .isSorted();
            assertThat(other.stream()
                            .map(row -> row.get("completedTime").asLong())
                            .toList())
                    .isNotEqualTo(other.stream()
                            .map(row -> row.get("processedTime").asLong())
                            .toList());
        }
    }

    @Test
    void neverGivesMoreThanAHundredRows() throws Exception {
        try (BlazeSimulator blaze = month().start(0);
                BlazeSimulator echo = month().and(BlazeQuirk.ECHOES_ASKED_LIMIT).start(0)) {
            JsonNode page = Client.of(blaze).window("01/01/2024", "01/08/2024", "&limit=1000");
            assertThat(page.get("values")).hasSize(100);
            assertThat(page.get("limit").asInt()).isEqualTo(100);
            assertThat(Client.of(echo)
                            .window("01/01/2024", "01/08/2024", "&limit=1000")
                            .get("limit")
                            .asInt())
                    .isEqualTo(1000);
            assertThat(Client.of(blaze)
                            .window("01/01/2024", "01/08/2024", "&limit=0")
                            .get("values"))
                    .hasSize(100);
            assertThat(Client.of(blaze)
                            .window("01/01/2024", "01/08/2024", "&limit=7")
                            .get("values"))
                    .hasSize(7);
        }
    }

    @Test
    void answersBehindTheEndWithNothingAndTheSameTotal() throws Exception {
        try (BlazeSimulator blaze = month().start(0);
                BlazeSimulator nulls = month().and(BlazeQuirk.NULL_VALUES).start(0);
                BlazeSimulator shallow = month().deepestSkip(100).start(0)) {
            int total = Client.of(blaze)
                    .window("01/01/2024", "01/08/2024", "")
                    .get("total")
                    .asInt();
            assertThat(Client.of(blaze).window("01/01/2024", "01/08/2024", "&skip=" + total))
                    .hasToString("{\"values\":[],\"skip\":" + total + ",\"limit\":100,\"total\":" + total + "}");
            assertThat(Client.of(nulls)
                            .window("01/01/2024", "01/08/2024", "&skip=" + total)
                            .get("values")
                            .isNull())
                    .isTrue();
            assertThat(Client.of(shallow).status(PATH + "?startDate=01/01/2024&endDate=01/02/2024&skip=101"))
                    .isEqualTo(400);
        }
    }

    @Test
    void mayGiveShortPagesAndWaveringTotals() throws Exception {
        try (BlazeSimulator blaze =
                month().rowsPerPage(30).and(BlazeQuirk.TOTAL_DRIFTS).start(0)) {
            Client client = Client.of(blaze);
            Set<Integer> totals = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                totals.add(client.window("01/01/2024", "01/08/2024", "")
                        .get("total")
                        .asInt());
            }
            assertThat(totals).hasSize(3);
            assertThat(client.window("01/01/2024", "01/08/2024", "&limit=100").get("values"))
                    .hasSize(30);
            assertThat(client.all("01/01/2024", "01/08/2024")).hasSizeBetween(200, 300);
        }
    }

    @Test
    void hasTheTrapsOfRealData() throws Exception {
        try (BlazeSimulator blaze =
                month().transactions(4_000).and(BlazeQuirk.ITEMS_WITHOUT_ID).start(0)) {
            List<JsonNode> rows = new ArrayList<>();
            for (int day = 1; day < 31; day += 7) {
                rows.addAll(Client.of(blaze)
                        .all("01/%02d/2024".formatted(day), "01/%02d/2024".formatted(Math.min(31, day + 6))));
            }
            assertThat(rows).hasSize(4_000);
            assertThat(rows).anyMatch(row -> row.get("cart").isNull());
            assertThat(rows)
                    .anyMatch(row ->
                            row.at("/cart/items").isNull() && row.get("cart").has("items"))
                    .anyMatch(row -> row.at("/cart/items").isEmpty()
                            && row.at("/cart/items").isArray())
                    .anyMatch(row ->
                            row.get("cart").isObject() && !row.get("cart").has("items"));
            assertThat(rows).anyMatch(row -> row.get("paidTime").isNull());
            assertThat(rows).anyMatch(row -> row.get("paidTime").toString().equals("0"));
            assertThat(rows).extracting(row -> row.get("status").asString()).contains("Void", "Canceled", "Teleported");
            assertThat(rows).allMatch(row -> row.get("transNo").isString() && row.has("addedLastWeek"));
            List<JsonNode> items =
                    rows.stream().flatMap(row -> items(row).stream()).toList();
            assertThat(items).anyMatch(item -> item.get("productId").isNull());
            assertThat(items).anyMatch(item -> !item.has("id"));
            assertThat(items)
                    .anyMatch(item -> item.get("productName").asString().contains("\"Dream\" \\ 🌿"));
            assertThat(items).anyMatch(item -> item.get("unitPrice").toString().matches("\\d+\\.\\d{4}"));
            assertThat(items).anyMatch(item -> item.get("unitPrice").toString().matches("\\d+\\.\\d{1,2}"));
            assertThat(rows)
                    .anyMatch(row -> items(row).size() > 1
                            && alike(items(row).get(0), items(row).get(1))
                            && !items(row)
                                    .get(0)
                                    .get("id")
                                    .equals(items(row).get(1).get("id")));
            for (JsonNode row : rows) {
                if (!items(row).isEmpty()) {
                    addsUp(row);
                }
            }
        }
    }

    private static boolean alike(JsonNode a, JsonNode b) {
        return a.has("id")
                && b.has("id")
                && List.of("productId", "quantity", "unitPrice").stream()
                        .allMatch(name -> a.get(name).equals(b.get(name)));
    }

    private static void addsUp(JsonNode row) {
        JsonNode cart = row.get("cart");
        BigDecimal net = items(row).stream()
                .map(item -> item.get("finalPrice").asDecimal())
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(cart.get("subTotalDiscount").asDecimal()).isEqualByComparingTo(net);
        assertThat(cart.get("total").asDecimal())
                .isEqualByComparingTo(net.add(cart.get("totalCalcTax").asDecimal())
                        .add(cart.get("roundAmt").asDecimal())
                        .add(cart.get("creditCardFee").asDecimal()));
    }

    @Test
    void refundsAreTransactionsThatChangeTheirParent() throws Exception {
        try (BlazeSimulator blaze = month().start(0)) {
            Map<String, JsonNode> rows = new HashMap<>();
            Client.of(blaze)
                    .all("01/01/2024", "01/08/2024")
                    .forEach(row -> rows.put(row.get("id").asString(), row));
            List<JsonNode> refunds = rows.values().stream()
                    .filter(row -> row.get("transType").asString().equals("Refund"))
                    .toList();
            assertThat(refunds).isNotEmpty();
            for (JsonNode refund : refunds) {
                JsonNode parent = Objects.requireNonNull(
                        rows.get(refund.get("parentTransactionId").asString()));
                assertThat(parent.get("transactionRefundStatus").asString()).isEqualTo("Partial_Refund");
                assertThat(parent.get("modified").asLong())
                        .isGreaterThan(refund.get("completedTime").asLong());
            }
        }
    }

    @Test
    void tellsTheTimeOfTheAnswerInEveryRow() throws Exception {
        try (BlazeSimulator blaze = month().start(0)) {
            long before = System.currentTimeMillis();
            JsonNode row = Client.of(blaze)
                    .window("01/01/2024", "01/02/2024", "")
                    .get("values")
                    .get(0);
            assertThat(row.get("timeCollected").asLong()).isBetween(before, System.currentTimeMillis());
            String id = row.get("id").asString();
            assertThat(Client.of(blaze).json(PATH + "/" + id).get("id").asString())
                    .isEqualTo(id);
            assertThat(Client.of(blaze).status(PATH + "/" + id.replace('6', '7')))
                    .isEqualTo(404);
        }
    }

    @Test
    void fillsTransactionsUpToTheirRealSize() throws Exception {
        try (BlazeSimulator blaze = month().bytesPerTransaction(35_000).start(0);
                BlazeSimulator small = month().start(0)) {
            int full = Client.of(blaze)
                    .send(PATH + "?startDate=01/01/2024&endDate=01/08/2024")
                    .body()
                    .length;
            int bare = Client.of(small)
                    .send(PATH + "?startDate=01/01/2024&endDate=01/08/2024")
                    .body()
                    .length;
            assertThat(full).isBetween(3_490_000, 3_510_000);
            assertThat(bare).isBetween(300_000, 450_000);
        }
    }

    @Test
    void compressesWhenTold() throws Exception {
        try (BlazeSimulator blaze = month().and(BlazeQuirk.GZIP).start(0)) {
            String path = PATH + "?startDate=01/01/2024&endDate=01/08/2024";
            int plain = Client.of(blaze).send(path).body().length;
            var packed = Client.of(blaze).header("Accept-Encoding", "gzip").send(path);
            assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
            var unpacked = new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(packed.body()));
            assertThat(unpacked.readAllBytes()).hasSize(plain);
        }
    }

    @Test
    void theTruthIsWhatTheItemsOfAllWindowsSay() throws Exception {
        try (BlazeSimulator blaze = month().and(BlazeQuirk.ITEMS_WITHOUT_ID).start(0)) {
            Client client = Client.of(blaze);
            Map<String, JsonNode> expected = new TreeMap<>();
            for (int day = 1; day < 31; day += 7) {
                for (JsonNode row :
                        client.all("01/%02d/2024".formatted(day), "01/%02d/2024".formatted(Math.min(31, day + 7)))) {
                    for (JsonNode item : items(row)) {
                        if (item.has("id")) {
                            expected.put(
                                    row.get("id").asString() + "/"
                                            + item.get("id").asString(),
                                    item);
                        }
                    }
                }
            }
            List<JsonNode> truth = client.truth("");
            assertThat(truth.stream()
                            .map(row -> row.get("transaction_id").asString() + "/"
                                    + row.get("item_id").asString()))
                    .containsExactlyElementsOf(expected.keySet());
            int i = 0;
            for (JsonNode item : expected.values()) {
                JsonNode row = truth.get(i++);
                for (Map.Entry<String, JsonNode> column : row.properties()) {
                    if (!Set.of("transaction_id", "item_id").contains(column.getKey())) {
                        JsonNode field = item.get(camel(column.getKey()));
                        assertThat(column.getValue())
                                .as(column.getKey())
                                .isEqualTo(field == null ? tools.jackson.databind.node.NullNode.getInstance() : field);
                    }
                }
            }
            assertThat(client.truth("?from=2024-01-03&to=2024-01-04")).hasSizeBetween(200, 450);
        }
    }

    private static String camel(String column) {
        StringBuilder text = new StringBuilder();
        for (String word : column.split("_", -1)) {
            text.append(text.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return text.toString();
    }

    @Test
    void theSameSeedGivesTheSameDataAndAnotherSeedOther() throws Exception {
        try (BlazeSimulator one = month().seed(7).start(0);
                BlazeSimulator same = month().seed(7).start(0);
                BlazeSimulator other = month().seed(8).start(0)) {
            assertThat(Client.of(same).text("/__truth"))
                    .isEqualTo(Client.of(one).text("/__truth"));
            assertThat(Client.of(other).text("/__truth"))
                    .isNotEqualTo(Client.of(one).text("/__truth"));
        }
    }

    @Test
    void salesThatCompleteLateShiftRowsToLaterPages() throws Exception {
        try (BlazeSimulator blaze =
                month().transactions(4_000).and(BlazeQuirk.LATE_COMPLETIONS).start(0)) {
            Client client = Client.of(blaze);
            int first =
                    client.window("01/01/2024", "01/08/2024", "").get("total").asInt();
            List<String> seen = ids(client.all("01/01/2024", "01/08/2024"));
            assertThat(new LinkedHashSet<>(seen)).hasSizeLessThan(seen.size());
            assertThat(client.window("01/01/2024", "01/08/2024", "")
                            .get("total")
                            .asInt())
                    .isGreaterThan(first);
        }
    }

    @Test
    void rowsThatVanishMakePagingMissOthers() throws Exception {
        try (BlazeSimulator blaze =
                month().transactions(4_000).and(BlazeQuirk.VOIDS).start(0)) {
            Client client = Client.of(blaze);
            Set<String> seen = new HashSet<>(ids(client.all("01/01/2024", "01/08/2024")));
            Set<String> there = new HashSet<>();
            client.truth("?from=2024-01-01&to=2024-01-08")
                    .forEach(row -> there.add(row.get("transaction_id").asString()));
            there.removeAll(seen);
            assertThat(there).isNotEmpty();
        }
    }

    @Test
    void refundsWhilePagingRaiseModified() throws Exception {
        try (BlazeSimulator blaze = month().transactions(4_000)
                .and(BlazeQuirk.REFUNDS, BlazeQuirk.EDITS_CHANGE_ITEM_IDS)
                .start(0)) {
            Client client = Client.of(blaze);
            Map<String, JsonNode> before = new HashMap<>();
            client.window("01/01/2024", "01/08/2024", "&limit=100")
                    .get("values")
                    .forEach(row -> before.put(row.get("id").asString(), row));
            client.all("01/01/2024", "01/08/2024");
            List<JsonNode> edited = new ArrayList<>();
            client.window("01/01/2024", "01/08/2024", "&limit=100")
                    .get("values")
                    .forEach(row -> {
                        JsonNode old =
                                Objects.requireNonNull(before.get(row.get("id").asString()));
                        if (row.get("modified").asLong() > old.get("modified").asLong()) {
                            edited.add(row);
                            if (!items(row).isEmpty()) {
                                assertThat(items(row).get(0).get("id"))
                                        .isNotEqualTo(items(old).get(0).get("id"));
                            }
                        }
                    });
            assertThat(edited).isNotEmpty();
        }
    }

    @Test
    void todaysWindowGrows() throws Exception {
        LocalDate today = Instant.now().atZone(ZONE).toLocalDate();
        String path = PATH + "?startDate=" + today.format(java.time.format.DateTimeFormatter.ofPattern("MM/dd/uuuu"))
                + "&endDate=" + today.plusDays(1).format(java.time.format.DateTimeFormatter.ofPattern("MM/dd/uuuu"));
        try (BlazeSimulator blaze = BlazeSimulator.with()
                .transactions(100)
                .between(today.minusDays(2), today)
                .and(BlazeQuirk.TODAY_GROWS)
                .start(0)) {
            Client client = Client.of(blaze);
            int truth = client.truth("").size();
            int first = client.json(path).get("total").asInt();
            int second = client.json(path).get("total").asInt();
            client.json(path);
            assertThat(second).isEqualTo(first + 1);
            assertThat(client.truth("").size()).isGreaterThan(truth);
        }
    }

    @Test
    void listsMembersNewestFirstWithAnUnfilteredTotal() throws Exception {
        try (BlazeSimulator blaze = month().start(0);
                BlazeSimulator capped = month().and(BlazeQuirk.MEMBERS_CAPPED).start(0)) {
            String members = "/api/v1/partner/members";
            JsonNode page = Client.of(blaze).json(members + "?startDate=1704096000000&endDate=1704182400000&limit=10");
            assertThat(page.get("total").asInt()).isEqualTo(51);
            List<Long> modified = new ArrayList<>();
            page.get("values").forEach(row -> modified.add(row.get("modified").asLong()));
            assertThat(modified)
                    .isSortedAccordingTo(java.util.Comparator.reverseOrder())
                    .hasSize(10);
            assertThat(Client.of(blaze).status(members + "?startDate=01/01/2024&endDate=01/02/2024"))
                    .isEqualTo(400);
            assertThat(Client.of(blaze).status(members + "?startDate=2&endDate=1"))
                    .isEqualTo(400);
            assertThat(Client.of(capped).status(members + "?startDate=1&endDate=1704182400000"))
                    .isEqualTo(400);
        }
    }

    @Test
    void pagesSomeListsByStartAndOthersBySkip() throws Exception {
        try (BlazeSimulator blaze = month().start(0);
                BlazeSimulator paged = month().and(BlazeQuirk.START_IS_PAGE).start(0)) {
            String brands = "/api/v1/partner/store/inventory/brands?limit=5&start=2";
            assertThat(Client.of(blaze).json(brands).at("/values/0/name").asString())
                    .isEqualTo("Sample Brand 2");
            assertThat(Client.of(paged).json(brands).at("/values/0/name").asString())
                    .isEqualTo("Sample Brand 10");
            assertThat(Client.of(blaze)
                            .json("/api/v1/partner/employees?start=29")
                            .get("values"))
                    .hasSize(1);
            assertThat(Client.of(blaze)
                            .json("/api/v1/partner/products?skip=395")
                            .get("values"))
                    .hasSize(5);
            assertThat(Client.of(blaze)
                            .json("/api/v1/partner/products/modified?startDate=1704096000000&endDate=1704182399999")
                            .get("total")
                            .asInt())
                    .isEqualTo(24);
            assertThat(Client.of(blaze)
                            .json(PATH + "/days?startDate=01/02/2024&days=1")
                            .get("total")
                            .asInt())
                    .isBetween(25, 40);
        }
    }

    @Test
    void speaksTheOlderFormOfErrorsWhenTold() throws Exception {
        try (BlazeSimulator blaze = month().and(BlazeQuirk.LEGACY_ERRORS).start(0)) {
            assertThat(Client.bare(blaze).json(PATH).has("errorType")).isTrue();
        }
    }

    @Test
    void refusesSettingsThatCannotBe() {
        assertThatThrownBy(() -> BlazeSimulator.with().transactions(-1)).hasMessageContaining("transactions");
        assertThatThrownBy(() -> BlazeSimulator.with().faults(101)).hasMessageContaining("101");
        assertThatThrownBy(() -> month().transactions(100_000_000)
                        .between(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 1))
                        .start(0))
                .hasMessageContaining("do not fit");
    }
}
