package dev.backfill.guesty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.http.HttpException;
import dev.backfill.internal.Json;
import dev.backfill.simulators.GuestyChange;
import dev.backfill.simulators.GuestyQuirk;
import dev.backfill.simulators.GuestySettings;
import dev.backfill.simulators.GuestySimulator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reservations, listings, guests and the flat list of messages. */
class ListsTest {

    record Stay(String id, String status, Instant checkIn) {}

    record Home(@JsonProperty("_id") String key, String title) {}

    record Person(String id, String fullName) {}

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

    @Test
    void readsRowsIntoRecords() throws Exception {
        start(GuestySimulator.with().conversations(350).and(GuestyQuirk.WRONG_COUNT));
        List<Stay> stays = Account.all(account.guesty().reservations(Stay.class));
        assertThat(stays).hasSizeGreaterThan(300).extracting(Stay::id).doesNotHaveDuplicates();
        assertThat(stays).allSatisfy(stay -> assertThat(stay.checkIn()).isNotNull());
        assertThat(stays).extracting(Stay::id).isSorted();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsListingsInAnyEnvelope(boolean bare) throws Exception {
        GuestySettings settings = GuestySimulator.with().conversations(2_600).and(GuestyQuirk.NEGATIVE_COUNT);
        start(bare ? settings.and(GuestyQuirk.LISTINGS_BARE) : settings);
        List<Home> homes = Account.all(account.guesty().listings(Home.class));
        assertThat(homes).hasSizeGreaterThan(200).extracting(Home::key).doesNotHaveDuplicates();
        assertThat(homes).allSatisfy(home -> assertThat(home.title()).isNotBlank());
    }

    @Test
    void readsGuestsWithTheirColumnsAndReservationsOfTheNewerList() throws Exception {
        start(GuestySimulator.with().conversations(150));
        Guesty guesty = account.guesty();
        List<Person> people = Account.all(guesty.guests(Person.class, "fullName"));
        assertThat(people).hasSizeGreaterThan(100).extracting(Person::id).doesNotHaveDuplicates();
        assertThat(account.calls("columns=_id%20fullName")).isPositive();
        assertThat(Account.all(guesty.list("reservations-v3/search", Stay.class)))
                .hasSizeGreaterThan(100);
        assertThat(Account.all(guesty.list("/reservations", Map.class)).get(0).toString())
                .contains("_id=");
        assertThatThrownBy(() -> guesty.guests(Person.class)).hasMessageContaining("at least");
    }

    @Test
    void anEmptyAccountIsNoMistake() throws Exception {
        start(GuestySimulator.with().conversations(0).flatMessages());
        assertThat(Account.all(account.guesty().reservations(Map.class))).isEmpty();
        assertThat(Account.all(account.guesty().listings(Map.class))).isEmpty();
        assertThat(Account.all(account.guesty().guests(Map.class, "fullName"))).isEmpty();
        assertThat(Account.all(account.guesty().messages(Account.ALL))).isEmpty();
    }

    @Test
    void aRowThatDoesNotFitIsToldByItsId() throws Exception {
        record Wrong(String id, int status) {}
        start(GuestySimulator.with().conversations(3));
        assertThatThrownBy(() -> Account.all(account.guesty().reservations(Wrong.class)))
                .hasMessageContaining("does not fit Wrong at 'status'");
    }

    /** Rows 0, 1, 2 …; some vanish between two pages. */
    private static List<String> readWhileRowsVanish(int rows, int vanishing, int from) throws Exception {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            all.add(String.format("%024x", i));
        }
        List<String> read = new ArrayList<>();
        Optional<Spot> spot = Optional.of(Spot.FIRST);
        int pages = 0;
        while (spot.isPresent()) {
            int at = (int) Math.min(all.size(), spot.get().at());
            List<String> page = new ArrayList<>(all.subList(at, Math.min(all.size(), at + Spot.LIMIT)));
            Spot.Taken taken = spot.get().take(page);
            taken.fresh().forEach(index -> read.add(page.get(index)));
            spot = taken.next();
            assertThat(++pages).isLessThan(1_000);
            if (pages > 1) {
                for (int i = 0; i < vanishing && all.size() > from + 1; i++) {
                    all.remove(from);
                }
            }
        }
        Set<String> missing = new TreeSet<>(all);
        missing.removeAll(read);
        assertThat(missing).as("rows that were there all the time").isEmpty();
        assertThat(read).doesNotHaveDuplicates();
        return read;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 60})
    void rowsThatVanishCostNoOther(int vanishing) throws Exception {
        for (int rows : new int[] {0, 1, 2, 99, 100, 101, 199, 200, 1_000}) {
            for (int from : new int[] {0, 3, 50}) {
                readWhileRowsVanish(rows, vanishing, from);
            }
        }
    }

    @Test
    void rowsBehindThePlaceAreNotLostThoughAHundredBeforeItVanishAndPagesAreShort() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            all.add(String.format("%024x", i));
        }
        Optional<Spot> spot = Optional.of(new Spot(275, all.get(275), 0, false, 25));
        List<String> rest = new ArrayList<>(all.subList(100, 300));
        List<String> read = new ArrayList<>();
        while (spot.isPresent()) {
            int at = (int) Math.min(rest.size(), spot.get().at());
            List<String> page = rest.subList(at, Math.min(rest.size(), at + 25)); // whatever was asked for
            Spot.Taken taken = spot.get().take(page);
            taken.fresh().forEach(index -> read.add(page.get(index)));
            spot = taken.next();
        }
        assertThat(read).isEqualTo(all.subList(276, 300));
    }

    @Test
    void anotherOrderIsRefused() {
        assertThatThrownBy(() -> Spot.FIRST.take(List.of("b", "a")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("did not sort by _id");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1]",
                "{\"results\":[1],\"count\":-5}",
                "{\"data\":[1],\"tags\":[2]}",
                "{\"status\":200,\"data\":{\"things\":[1],\"tags\":[]}}",
                "{\"things\":[1],\"tags\":[2]}",
                "{\"rows\":[1],\"pagination\":{\"hasMore\":false}}"
            })
    void findsTheListInAnyEnvelope(String answer) {
        assertThat(Listing.rows(Json.tree(answer), "api/things?x=1").toString()).isEqualTo("[1]");
    }

    @Test
    void anAnswerWithoutAListIsNoEmptyList() {
        assertThatThrownBy(() -> Listing.rows(Json.tree("{\"a\":[],\"b\":[]}"), "things"))
                .hasMessageContaining("several lists");
        assertThatThrownBy(() -> Listing.rows(Json.tree("{\"message\":\"ok\"}"), "things"))
                .hasMessageContaining("no list");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theFlatListGivesTheSameMessages(boolean object) throws Exception {
        GuestySettings settings = GuestySimulator.with()
                .conversations(60)
                .flatMessages()
                .without(GuestyQuirk.TIES, GuestyQuirk.SHUFFLED_TIES)
                .oddTimes(0)
                .and(GuestyQuirk.WRONG_COUNT);
        start(object ? settings.and(GuestyQuirk.FLAT_FROM_OBJECT) : settings);
        Set<String> ids = new TreeSet<>();
        List<Message> messages = Account.all(account.guesty().flatMessages(Account.ALL));
        messages.forEach(message -> ids.add(String.valueOf(message.messageId())));
        Map<String, Account.Row> truth = account.truth();
        assertThat(ids).containsAll(truth.keySet());
        assertThat(messages).hasSize(ids.size());
        messages.stream()
                .filter(message -> truth.containsKey(message.messageId()))
                .forEach(message -> {
                    Account.Row row = truth.get(message.messageId());
                    assertThat(message.guestName()).isEqualTo(row.guestName());
                    assertThat(message.reservationId()).isEqualTo(row.reservationId());
                    assertThat(message.body()).isEqualTo(row.body());
                });
    }

    @ParameterizedTest
    @EnumSource(
            value = GuestyChange.class,
            names = {"POST", "EDIT", "REMOVE_POST", "REMOVE_CONVERSATION"})
    void theFlatListLosesNothingWhileRowsComeAndGo(GuestyChange change) throws Exception {
        start(GuestySimulator.with()
                .conversations(80)
                .flatMessages()
                .without(GuestyQuirk.TIES, GuestyQuirk.SHUFFLED_TIES, GuestyQuirk.LOG_POSTS)
                .oddTimes(0)
                .people(2, change));
        Map<String, Account.Row> before = account.truth();
        Source<Message> flat = account.guesty().flatMessages(Account.ALL);
        Set<String> read = new HashSet<>();
        Cursor at = Cursor.START;
        for (int pages = 0; ; pages++) {
            assertThat(pages).as("it grows while it is read, and ends").isLessThan(200);
            Page<Message> page = flat.read(at);
            page.items().forEach(message -> read.add(String.valueOf(message.messageId())));
            if (page.next().isEmpty()) {
                break;
            }
            at = page.next().get();
        }
        Set<String> stable = new TreeSet<>(before.keySet());
        stable.retainAll(account.truth().keySet());
        stable.removeAll(read);
        assertThat(stable).as("messages that were there all the time").isEmpty();
    }

    @Test
    void withoutAFlatListTheSourceSaysWhatToTake() throws Exception {
        start(GuestySimulator.with().conversations(3));
        assertThatThrownBy(() -> Account.all(account.guesty().flatMessages(Account.ALL)))
                .isInstanceOf(HttpException.class)
                .isNotInstanceOf(TransientException.class)
                .hasMessageContaining("use messages(…)");
    }
}
