package dev.backfill.guesty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.internal.Json;
import dev.backfill.jdbc.Db;
import dev.backfill.simulators.Fault;
import dev.backfill.simulators.GuestyChange;
import dev.backfill.simulators.GuestyQuirk;
import dev.backfill.simulators.GuestySettings;
import dev.backfill.simulators.GuestySimulator;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that Guesty does, or may do, to those who read messages. */
class TrapsTest {

    @TempDir
    private Path folder;

    private Account account;

    private void start(GuestySettings settings) throws Exception {
        account = new Account(settings);
    }

    @AfterEach
    void stop() {
        if (account != null) {
            account.close();
        }
    }

    private Source<Message> messages() throws Exception {
        return account.guesty(guesty -> guesty.keptIn(folder)).messages(Account.ALL);
    }

    @ParameterizedTest
    @EnumSource(
            value = GuestyQuirk.class,
            names = {
                "POSTS_LIMIT_IGNORED",
                "POSTS_END_TOLD",
                "CURSOR_REPEATS",
                "WRONG_COUNT",
                "NEGATIVE_COUNT",
                "PLAIN_ERRORS",
                "GZIP"
            })
    void readsAllWhateverGuestyDoes(GuestyQuirk quirk) throws Exception {
        start(GuestySimulator.with().conversations(130).and(quirk));
        assertThat(Account.rows(Account.all(messages()))).isEqualTo(account.truth());
    }

    @Test
    void thePastIsCutWhereItShouldBeAndCostsNoMoreCalls() throws Exception {
        start(GuestySimulator.with().conversations(120));
        Duration month = Duration.ofDays(30);
        Instant since = account.time.now().minus(month);
        Map<String, Account.Row> rows =
                Account.rows(Account.all(account.guesty().messages(month)));
        Map<String, Account.Row> truth = account.truthSince(since);
        assertThat(truth.size()).isBetween(10, account.truth().size() / 2);
        // what has no time and stands behind what is too old is not seen
        Set<String> missing = new TreeSet<>(truth.keySet());
        missing.removeAll(rows.keySet());
        assertThat(missing)
                .allSatisfy(id -> assertThat(truth.get(id).createdAt()).isNull());
        assertThat(truth.keySet()).containsAll(rows.keySet());
        long calls = account.calls("/posts");
        Account.all(account.guesty().messages(Account.ALL));
        assertThat(calls).isLessThan(account.calls("/posts") - calls);
    }

    @Test
    void aPassThatGoesOnLaterStillReadsTheTimeWithWhichItBegan() throws Exception {
        start(GuestySimulator.with().conversations(30).oddTimes(0));
        Duration month = Duration.ofDays(30);
        Map<String, Account.Row> truth = account.truthSince(account.time.now().minus(month));
        Source<Message> source = account.guesty(guesty -> guesty.keptIn(folder)).messages(month);
        Page<Message> first = source.read(Cursor.START);
        List<Message> read = new ArrayList<>(first.items());
        account.time.pass(Duration.ofDays(5));
        Cursor at = first.next().orElseThrow();
        Source<Message> later = account.guesty(guesty -> guesty.keptIn(folder)).messages(month);
        while (true) {
            Page<Message> page = later.read(at);
            read.addAll(page.items());
            if (page.next().isEmpty()) {
                break;
            }
            at = page.next().get();
        }
        assertThat(Account.rows(read)).isEqualTo(truth);
    }

    @ParameterizedTest
    @EnumSource(GuestyChange.class)
    void nothingThatStaysIsLostWhilePeopleAreAtWork(GuestyChange change) throws Exception {
        start(GuestySimulator.with().conversations(150).people(1, change));
        Map<String, Account.Row> before = account.truth();
        Set<String> read = Account.rows(Account.all(messages())).keySet();
        Set<String> lost = new TreeSet<>(before.keySet());
        lost.retainAll(account.truth().keySet());
        lost.removeAll(read);
        assertThat(lost).isEmpty();
    }

    @Test
    void goesOnInTheSecondPageOfConversationsAlsoWhenNewOnesHaveMovedIt() throws Exception {
        start(GuestySimulator.with().conversations(140).oddTimes(0));
        Map<String, Account.Row> truth = account.truth();
        List<Page<Message>> pages = Account.pages(messages());
        for (int i : new int[] {1, 40, pages.size() / 2, pages.size() - 20, pages.size() - 3}) {
            List<Message> read = new ArrayList<>();
            pages.subList(0, i).forEach(page -> read.addAll(page.items()));
            Source<Message> another = messages();
            Cursor at = pages.get(i - 1).next().orElseThrow();
            while (true) {
                Page<Message> page = another.read(at);
                read.addAll(page.items());
                if (page.next().isEmpty()) {
                    break;
                }
                at = page.next().get();
            }
            assertThat(Account.rows(read))
                    .as("from page %s of %s", i, pages.size())
                    .isEqualTo(truth);
        }
    }

    @Test
    void aPassMakesOneCallForEachPageAndEachConversationAndNoMore() throws Exception {
        start(GuestySimulator.with().conversations(130).and(GuestyQuirk.POSTS_END_TOLD));
        Account.all(messages());
        assertThat(account.calls("conversations?")).isLessThanOrEqualTo(3);
        assertThat(account.calls("/posts")).isBetween(130L, 133L);
    }

    @Test
    void manyConversationsWithoutNewMessagesDoNotLookLikeASourceThatGoesNowhere() throws Exception {
        start(GuestySimulator.with().conversations(1_500).oddTimes(0));
        Source<Message> recent = account.guesty(guesty -> guesty.keptIn(folder)).messages(Duration.ofSeconds(1));
        List<Page<Message>> pages = Account.pages(recent);
        assertThat(pages).allSatisfy(page -> assertThat(page.items()).isEmpty());
        assertThat(pages.size()).isBetween(20, 200);
        assertThat(account.calls("/posts")).isGreaterThanOrEqualTo(1_400);
    }

    @Test
    void aCursorThatExpiresBeginsThePassAgainWithItsTime() throws Exception {
        start(GuestySimulator.with().conversations(130).cursorsLast(Duration.ofHours(1)));
        Source<Message> source = messages();
        Cursor at = Cursor.START;
        while (at.isStart() || Json.tree(at.json()).path("list").path("at").isNull()) {
            at = source.read(at).next().orElseThrow();
        }
        String since = Json.tree(at.json()).path("since").toString();
        account.time.pass(Duration.ofHours(2));
        Cursor expired = at;
        Source<Message> another = messages();
        Cursor anew = another.read(expired).next().orElseThrow();
        assertThat(Json.tree(anew.json()).path("since")).hasToString(since);
        List<Message> read = new ArrayList<>();
        for (Optional<Cursor> next = Optional.of(anew); next.isPresent(); ) {
            Page<Message> page = messages().read(Cursor.parse(next.get().json())); // by a process of its own each time
            read.addAll(page.items());
            next = page.next();
        }
        assertThat(Account.rows(read)).isEqualTo(account.truth());
    }

    @Test
    void aCursorOfPostsThatExpiresBeginsThatConversationAgain() throws Exception {
        start(GuestySimulator.with().conversations(20).cursorsLast(Duration.ofHours(1)));
        List<Message> read = new ArrayList<>();
        Source<Message> source = messages();
        Cursor at = Cursor.START;
        while (true) {
            Page<Message> page = source.read(at);
            read.addAll(page.items());
            if (page.next().isEmpty()) {
                break;
            }
            at = page.next().get();
            if (at.json().contains("\"again\":0")) {
                account.time.pass(Duration.ofHours(2));
            }
        }
        assertThat(Account.rows(read)).isEqualTo(account.truth());
        assertThat(account.calls(" 400 ")).isPositive();
    }

    @Test
    void faultsOnTheWayCostNothing() throws Exception {
        start(GuestySimulator.with()
                .conversations(40)
                .oddTimes(2)
                .faults(15, Fault.ERROR, Fault.DROPPED, Fault.TRUNCATED, Fault.RESET));
        List<Message> read = new ArrayList<>();
        Source<Message> source = messages();
        Report report = account.bound(() -> Backfill.named("messages")
                .from(source)
                .into((dev.backfill.Sink<Message>) read::addAll)
                .patience(Duration.ofHours(1))
                .checkpoint(FileCheckpoint.in(folder))
                .run());
        assertThat(report.complete()).isTrue();
        assertThat(Account.rows(read)).isEqualTo(account.truth());
    }

    @Test
    void keepsToTheThreeLimits() throws Exception {
        start(GuestySimulator.with().conversations(200).documentedLimits());
        Account.all(messages());
        assertThat(account.calls(" 429 ")).isZero();
    }

    @Test
    void leavesToOthersWhatTheyHaveUsed() throws Exception {
        start(GuestySimulator.with().conversations(55).documentedLimits());
        Account.all(messages());
        long before = account.log().size();
        assertThat(before).isGreaterThan(100);
        Account.all(messages()); // another program, as it were, with a limiter of its own
        assertThat(account.calls(" 429 ")).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = GuestyQuirk.class,
            names = {"LIMIT_WITHOUT_RETRY_AFTER", "LIMIT_HTML", "LIMIT_EMPTY"})
    void restsWhenOthersHaveUsedTheAllowance(GuestyQuirk quirk) throws Exception {
        start(GuestySimulator.with()
                .conversations(12)
                .limit(Limit.parse("7/1m"))
                .and(quirk));
        Source<Message> source = account.guesty(
                        guesty -> guesty.limitedBy(dev.backfill.RateLimiter.of(1_000, Duration.ofSeconds(1)))
                                .keptIn(folder))
                .messages(Account.ALL);
        List<Message> read = new ArrayList<>();
        account.bound(() -> Backfill.named("messages")
                .from(source)
                .into((dev.backfill.Sink<Message>) read::addAll)
                .patience(Duration.ofHours(2))
                .checkpoint(FileCheckpoint.in(folder))
                .run());
        assertThat(account.calls(" 429 ")).isPositive().isLessThan(20);
        assertThat(Account.rows(read)).isEqualTo(account.truth());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-72H"})
    void aTimeThatReachesBackNowhereIsRefused(String text) throws Exception {
        start(GuestySimulator.with().conversations(0));
        assertThatThrownBy(() -> account.guesty().messages(Duration.parse(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("above zero");
    }

    @Test
    void theDefinitionNamesTheDurationAndNoSecret() throws Exception {
        start(GuestySimulator.with().conversations(0));
        String definition = account.guesty().messages(Duration.ofDays(7)).definition();
        assertThat(definition)
                .contains("PT168H")
                .doesNotContain(account.simulator.clientSecret().reveal());
    }

    @Test
    void aCircleOfCursorsEnds() {
        Trail at = Trail.START;
        String[] circle = {"a", "b", "c"};
        int steps = 0;
        while (at != null) {
            at = at.to(circle[steps % 3]).orElse(null);
            assertThat(++steps).isLessThan(20);
        }
        assertThat(steps).isGreaterThan(3);
        assertThat(Trail.START.to("")).isEmpty();
    }

    // ---- into a table

    private static final String TABLE =
            "create table messages (message_id text primary key, conversation_id text not null,"
                    + " reservation_id text, guest_name text, body text not null, created_at text, created_at_raw text,"
                    + " sent_by text, module text, is_processed integer not null)";

    private Path file() {
        return folder.resolve("messages.db");
    }

    private void sql(String statement) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            connection.createStatement().execute(statement);
        }
    }

    private List<String> column(String query) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                ResultSet rows = connection.createStatement().executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    private Backfill job(Db db, Checkpoint checkpoint) throws Exception {
        return Backfill.named("messages")
                .from(messages())
                .filter(message -> !message.internal())
                .into(db.table("messages").upsert("message_id").onInsert("is_processed", false))
                .checkpoint(checkpoint);
    }

    @Test
    void aSecondPassWritesWhatIsNewAndLeavesWhatAWorkerHasDone() throws Exception {
        start(GuestySimulator.with().conversations(60));
        sql(TABLE);
        Db db = Db.sqlite(file());
        Report first = account.bound(() -> job(db, db.checkpoint()).run());
        assertThat(first.counts().inserted()).isEqualTo(account.truth().size());
        assertThat(new TreeSet<>(column("select message_id from messages")))
                .isEqualTo(account.truth().keySet());
        assertThat(column("select count(*) from messages where is_processed <> 0"))
                .containsExactly("0");
        assertThat(new HashSet<>(column("select created_at_raw from messages where created_at_raw is not null")))
                .contains("", "Invalid date", "0000-00-00");
        sql("update messages set is_processed = 1");

        List<String> posted = account.simulator.post(5);
        String edited = account.truth().keySet().iterator().next();
        account.simulator.edit(edited, "edited");
        Report again = account.bound(() -> job(db, db.checkpoint()).again());
        assertThat(again.counts().inserted()).isEqualTo(5);
        assertThat(again.counts().updated()).isEqualTo(1);
        assertThat(again.counts().unchanged()).isEqualTo(first.counts().inserted() - 1);
        assertThat(column("select message_id from messages where is_processed = 0"))
                .containsExactlyInAnyOrderElementsOf(posted);
        assertThat(column("select body from messages where message_id = '" + edited + "'"))
                .containsExactly("edited");
    }

    @Test
    void aMessageWithoutIdIsADeadLetterAndHarmsNoOther() throws Exception {
        start(GuestySimulator.with().conversations(60).and(GuestyQuirk.POSTS_WITHOUT_ID));
        sql(TABLE);
        Db db = Db.sqlite(file());
        Report report = account.bound(() -> job(db, db.checkpoint()).run());
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().dead()).isPositive();
        assertThat(report.counts().inserted()).isEqualTo(account.truth().size());
        List<String> reasons = new ArrayList<>();
        account.bound(() -> {
            try (var claim = db.checkpoint().claim("messages", Duration.ZERO)) {
                claim.deadLetters().forEach(letter -> reasons.add(letter.reason()));
            }
            return true;
        });
        assertThat(reasons)
                .hasSize((int) report.counts().dead())
                .allSatisfy(reason -> assertThat(reason).contains("message_id is null"));
    }

    // ---- what no simulator says

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"status\":200,\"data\":{}}",
                "{\"results\":[]}",
                "[]",
                "{\"status\":200,\"data\":{\"conversations\":null}}"
            })
    void anAnswerOfAnotherShapeIsNoEmptyAccount(String body) {
        assertThatThrownBy(() -> Conversation.listed(Json.tree(body)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("conversations");
    }

    @Test
    void partsThatAreMissingOrOfAnotherKindAreBorne() {
        Conversation conversation = new Conversation("c", "r", "Ana");
        Map<String, Message> expected = new HashMap<>();
        expected.put("{}", new Message(null, "c", "r", "Ana", "", null, null, null, null));
        expected.put(
                "{\"_id\":\"m\",\"body\":7,\"module\":\"sms\",\"sentBy\":null,\"from\":5,\"reservationId\":\"r2\"}",
                new Message("m", "c", "r2", "Ana", "", null, null, null, "sms"));
        expected.put(
                "{\"_id\":\"\",\"body\":\"<b>x</b>\",\"module\":{\"type\":\"note\"},\"createdAt\":true}",
                new Message(null, "c", "r", "Ana", "<b>x</b>", null, "true", null, "note"));
        expected.forEach((json, message) ->
                assertThat(Message.of(conversation, Json.tree(json))).isEqualTo(message));
        assertThat(new TreeMap<>(Map.of(
                        1,
                                Message.of(conversation, Json.tree("{\"module\":{\"type\":\"log\"}}"))
                                        .internal(),
                        2,
                                Message.of(conversation, Json.tree("{\"sentBy\":\"log\"}"))
                                        .internal(),
                        3,
                                Message.of(conversation, Json.tree("{\"sentBy\":\"host\"}"))
                                        .internal())))
                .containsExactlyEntriesOf(new TreeMap<>(Map.of(1, true, 2, true, 3, false)));
    }
}
