package dev.backfill.guesty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Cursor;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.http.HttpException;
import dev.backfill.internal.Ports;
import dev.backfill.simulators.GuestyQuirk;
import dev.backfill.simulators.GuestySettings;
import dev.backfill.simulators.GuestySimulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Five tokens a day, whatever happens. */
class TokensTest {

    @TempDir
    private Path folder;

    private Account account;

    private void start(GuestySettings settings) throws Exception {
        account = new Account(settings.conversations(3));
    }

    @AfterEach
    void stop() {
        if (account != null) {
            account.close();
        }
    }

    /** A new client, as a process that has just started makes it. */
    private Guesty client() throws Exception {
        return account.guesty(guesty -> guesty.keptIn(folder));
    }

    private static void use(Guesty guesty) throws Exception {
        assertThat(guesty.messages(Account.ALL).read(Cursor.START).next()).isPresent();
    }

    private void pass(Duration time) {
        account.time.pass(time);
    }

    private int given() {
        return account.simulator.tokensGiven(account.simulator.clientId().reveal());
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }

    private Path file() throws Exception {
        assertThat(files()).hasSize(1);
        return files().get(0);
    }

    @Test
    void threeHundredClientsWithinADayUseTwoTokens() throws Exception {
        start(GuestySimulator.with());
        for (int i = 0; i < 300; i++) {
            use(client());
            pass(Duration.ofDays(1).dividedBy(300));
        }
        assertThat(given()).isEqualTo(2);
        assertThat(account.calls(" 403 ")).isZero();
    }

    @Test
    void clientsWithoutAFolderAskForThemselvesAndNeverMoreThanAllowed() throws Exception {
        start(GuestySimulator.with());
        for (int i = 0; i < 5; i++) {
            use(account.guesty());
        }
        assertThatThrownBy(() -> use(account.guesty()))
                .isInstanceOfSatisfying(
                        TransientException.class,
                        e -> assertThat(e.after().orElseThrow()).isBetween(Duration.ofHours(23), Duration.ofHours(24)));
        assertThat(given()).isEqualTo(5);
    }

    @Test
    void severalThatStartTogetherAskOnce() throws Exception {
        start(GuestySimulator.with().latency(Duration.ofMillis(50), Duration.ZERO));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Callable<String>> starts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            starts.add(() -> {
                // in real time, for they wait for each other
                Guesty guesty = Ports.bound(
                        Ports.REAL,
                        () -> account.with(account.simulator.clientSecret()).keptIn(folder));
                use(guesty);
                return guesty.toString();
            });
        }
        for (Future<String> start : threads.invokeAll(starts)) {
            start.get();
        }
        threads.shutdown();
        assertThat(given()).isEqualTo(1);
        assertThat(account.calls("/oauth2/token")).isEqualTo(1);
    }

    @Test
    void theThreadsOfOneClientAskOnce() throws Exception {
        start(GuestySimulator.with());
        Guesty guesty = Ports.bound(Ports.REAL, () -> account.with(account.simulator.clientSecret()));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Callable<String>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(() -> {
                use(guesty);
                return "";
            });
        }
        for (Future<String> call : threads.invokeAll(calls)) {
            call.get();
        }
        threads.shutdown();
        assertThat(account.calls("/oauth2/token")).isEqualTo(1);
    }

    @Test
    void theFileIsForItsOwnerOnlyAndNothingElseHasSecrets() throws Exception {
        start(GuestySimulator.with());
        Guesty guesty = client();
        use(guesty);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        String kept = Files.readString(file());
        assertThat(kept)
                .contains("eyJ")
                .doesNotContain(account.simulator.clientSecret().reveal());
        assertThat(guesty.toString())
                .doesNotContain("eyJ", account.simulator.clientSecret().reveal());
        assertThat(Kept.NOTHING
                        .asking(0, 0)
                        .given(Secret.of("x", "eyJtoken"), "", 0, 1)
                        .toString())
                .doesNotContain("eyJtoken");
    }

    @Test
    void aRequestThatADeadProcessMadeCounts() throws Exception {
        start(GuestySimulator.with());
        for (int i = 1; i <= 5; i++) {
            Guesty dying = account.bound(() -> account.with(account.simulator.clientSecret())
                    .limitedBy(new DeadlyLimiter())
                    .keptIn(folder));
            assertThatThrownBy(() -> use(dying)).isInstanceOf(DeadlyLimiter.Death.class);
        }
        assertThatThrownBy(() -> use(client()))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("the 5 tokens that Guesty gives in a day are spent");
        assertThat(account.calls("/oauth2/token"))
                .as("the budget is spent without a call")
                .isZero();
        pass(Duration.ofDays(1).plusMinutes(1));
        use(client());
    }

    /** Ends the process when the call would be made. */
    private static final class DeadlyLimiter implements dev.backfill.RateLimiter {
        private static final class Death extends Error {
            private static final long serialVersionUID = 1;
        }

        @Override
        public Call acquire() {
            throw new Death();
        }

        @Override
        public void quiet(Duration length) {}
    }

    @Test
    void aSpentBudgetEndsTheRunWithTheTimeToComeBackAndIsNotAskedFor() throws Exception {
        start(GuestySimulator.with());
        Guesty before = client();
        use(before);
        for (int i = 0; i < 4; i++) {
            Files.delete(file()); // as a host that has no folder would
            use(client());
        }
        Files.delete(file());
        assertThat(run(client()).comeBack().orElseThrow()).isBetween(Duration.ofHours(23), Duration.ofHours(24));
        assertThat(account.calls("/oauth2/token")).isEqualTo(6);
        assertThat(run(client()).comeBack()).isPresent();
        assertThat(account.calls("/oauth2/token"))
                .as("what Guesty said is remembered")
                .isEqualTo(6);
        pass(Duration.ofDays(1));
        assertThat(run(client()).complete()).isTrue();
    }

    private Report run(Guesty guesty) throws Exception {
        return account.bound(() -> Backfill.named("messages")
                .from(guesty.messages(Account.ALL))
                .into((Sink<Message>) batch -> {})
                .patience(Duration.ofMinutes(10))
                .checkpoint(new MemoryCheckpoint())
                .run());
    }

    @ParameterizedTest
    @EnumSource(
            value = GuestyQuirk.class,
            names = {"TOKEN_LIMIT_EMPTY", "TOKEN_LIMIT_HTML", "TOKEN_LIMIT_WITHOUT_RETRY_AFTER", "TOKEN_CALENDAR_DAY"})
    void aRefusalOfAnyShapeIsUnderstood(GuestyQuirk quirk) throws Exception {
        start(GuestySimulator.with().and(quirk).tokensPerDay(1));
        use(account.guesty());
        assertThatThrownBy(() -> use(client()))
                .isInstanceOfSatisfying(
                        TransientException.class,
                        e -> assertThat(e.after().orElseThrow()).isGreaterThanOrEqualTo(Duration.ofMinutes(59)));
    }

    @Test
    void aDayMayBeShorter() throws Exception {
        start(GuestySimulator.with().day(Duration.ofMinutes(1)));
        for (int i = 0; i < 40; i++) {
            use(client());
            pass(Duration.ofSeconds(6));
        }
        assertThat(given()).isBetween(4, 6);
        assertThat(account.calls(" 403 ")).isZero();
    }

    @Test
    void aWrongSecretIsSaidAndDoesNotSpendTheBudget() throws Exception {
        start(GuestySimulator.with());
        Secret wrong = Secret.of("GUESTY_API_SECRET", "S3CR3T-wrong");
        for (int i = 0; i < 7; i++) {
            Guesty guesty = account.bound(() -> account.with(wrong).keptIn(folder));
            assertThatThrownBy(() -> use(guesty))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not accept the client id and the secret")
                    .hasMessageContaining("GUESTY_API_SECRET")
                    .hasMessageNotContaining("S3CR3T");
        }
        use(client());
    }

    @Test
    void aTokenThatAnotherSecretWasGivenIsNotUsed() throws Exception {
        start(GuestySimulator.with());
        use(client());
        Guesty wrong = account.bound(
                () -> account.with(Secret.of("GUESTY_API_SECRET", "wrong")).keptIn(folder));
        assertThatThrownBy(() -> use(wrong)).isInstanceOf(IllegalStateException.class);
        use(client());
        assertThat(given()).isEqualTo(1);
    }

    @Test
    void aTokenEndpointThatIsDownForAWhileDoesNotSpendTheBudget() throws Exception {
        start(GuestySimulator.with().tokenDown(8));
        assertThat(run(client()).complete()).isTrue();
        assertThat(given()).isEqualTo(1);
    }

    @Test
    void answersThatAreLostDoNotBurnTheTokensOfADayInSeconds() throws Exception {
        start(GuestySimulator.with());
        AtomicInteger asked = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> cutAnswers(server, asked));
            answering.start();
            Guesty guesty = account.bound(() -> account.with(account.simulator.clientSecret())
                    .at("http://127.0.0.1:" + server.getLocalPort())
                    .keptIn(folder));
            for (int second = 0; second < 600; second += 2) { // a runner that tries again for ten minutes
                assertThatThrownBy(() -> guesty.messages(Account.ALL).read(Cursor.START))
                        .isInstanceOf(TransientException.class);
                pass(Duration.ofSeconds(2));
            }
            assertThat(asked.get()).isBetween(2, 3);
        }
    }

    private static void cutAnswers(ServerSocket server, AtomicInteger asked) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                if (socket.getInputStream().read(new byte[8_192]) > 0) {
                    asked.incrementAndGet();
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException e) {
                // closed
            }
        }
    }

    @Test
    void aServerThatIsNotThereDoesNotSpendTheBudget() throws Exception {
        start(GuestySimulator.with());
        Guesty nowhere = account.bound(() -> account.with(account.simulator.clientSecret())
                .at("http://127.0.0.1:9")
                .keptIn(folder));
        for (int i = 0; i < 7; i++) {
            assertThatThrownBy(() -> nowhere.messages(Account.ALL).read(Cursor.START))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("ConnectException");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GuestyQuirk.class,
            names = {"UNAUTHORIZED_401", "PLAIN_ERRORS"})
    void aTokenThatEndedEarlyIsReplacedOnce(GuestyQuirk quirk) throws Exception {
        start(GuestySimulator.with().and(quirk));
        Guesty guesty = client();
        use(guesty);
        pass(Duration.ofHours(2));
        account.simulator.revokeTokens();
        use(guesty);
        assertThat(given()).isEqualTo(2);
        account.simulator.revokeTokens();
        assertThatThrownBy(() -> use(guesty))
                .as("a young token is not at fault, or each refusal would spend another")
                .isInstanceOf(HttpException.class)
                .hasMessageContaining("what this client id may do");
        assertThat(given()).isEqualTo(2);
    }

    @Test
    void aTokenThatAnotherProcessReplacedIsTakenFromTheFile() throws Exception {
        start(GuestySimulator.with());
        Guesty one = client();
        use(one);
        pass(Duration.ofHours(2));
        account.simulator.revokeTokens();
        use(client());
        use(one);
        assertThat(given()).isEqualTo(2);
    }

    @Test
    void theLastTokenOfADayIsNotSpentOnARefusal() throws Exception {
        start(GuestySimulator.with());
        Guesty guesty = client();
        for (int i = 0; i < 4; i++) {
            use(guesty);
            pass(Duration.ofMinutes(90));
            account.simulator.revokeTokens();
        }
        assertThatThrownBy(() -> use(guesty)).isInstanceOf(HttpException.class);
        assertThat(given()).isEqualTo(4);
    }

    @Test
    void aTokenIsReplacedBeforeItEndsAndUsedOnWhileNoOtherCanBeHad() throws Exception {
        start(GuestySimulator.with().tokensPerDay(1));
        Guesty guesty = client();
        use(guesty);
        pass(Duration.ofHours(23).plusMinutes(20));
        use(guesty);
        pass(Duration.ofMinutes(20));
        use(client());
        assertThat(account.calls(" 403 ")).isZero();
        pass(Duration.ofMinutes(21));
        use(guesty);
        assertThat(given()).isEqualTo(2);
    }

    @Test
    void aDamagedFileIsReplaced() throws Exception {
        start(GuestySimulator.with());
        use(client());
        for (String damage : List.of("", "{", "[]", "{\"token\":5,\"asked\":null}", "null")) {
            Files.writeString(file(), damage);
            if (given() < 5) {
                use(client());
                assertThat(Files.readString(file())).contains("asked");
            }
        }
    }

    @Test
    void aClockThatWasSetBackDoesNotLockOut() {
        long now = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
        long later = now + Duration.ofDays(300).toMillis();
        Kept kept = Kept.NOTHING;
        for (int i = 0; i < 5; i++) {
            kept = kept.asking(later, later);
        }
        Kept back = kept.upTo(now);
        assertThat(back.left(now)).isZero();
        assertThat(back.allowedAt(now) - now)
                .isLessThanOrEqualTo(Duration.ofDays(1).plusMinutes(1).toMillis());
    }

    @Test
    void neverMoreThanFiveInAnyDay() {
        long hour = Duration.ofHours(1).toMillis();
        Kept kept = Kept.NOTHING;
        List<Long> asked = new ArrayList<>();
        for (long now = 1; now < 200 * hour; now += hour / 7) {
            if (kept.allowedAt(now) <= now) {
                kept = kept.asking(now, now + 30_000);
                if (asked.size() % 3 != 0) {
                    kept = kept.given(Secret.of("x", "t"), "", now + 10, 24 * hour);
                }
                asked.add(now);
            }
        }
        assertThat(asked).hasSizeGreaterThan(35);
        for (int i = 5; i < asked.size(); i++) {
            assertThat(asked.get(i) - asked.get(i - 5)).isGreaterThanOrEqualTo(24 * hour);
        }
    }
}
