package dev.backfill.guesty;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.internal.Json;
import dev.backfill.simulators.GuestySettings;
import dev.backfill.simulators.GuestySimulator;
import dev.backfill.testkit.JumpingTime;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A simulated account, in a time that jumps. */
final class Account implements AutoCloseable {

    /** Longer than the simulator's past. */
    static final Duration ALL = Duration.ofDays(500);

    final JumpingTime time = new JumpingTime();
    final GuestySimulator simulator;

    Account(GuestySettings settings) throws Exception {
        simulator = time.run(() -> settings.start(0));
    }

    <T> T bound(Callable<T> body) throws Exception {
        return time.run(body);
    }

    Guesty guesty() throws Exception {
        return guesty(UnaryOperator.identity());
    }

    Guesty guesty(UnaryOperator<Guesty> settings) throws Exception {
        return bound(() -> settings.apply(with(simulator.clientSecret())));
    }

    Guesty with(Secret secret) {
        return Guesty.connect(simulator.clientId().reveal(), secret)
                .at(simulator.url().toString());
    }

    /** Everything that a source gives, read without a runner, each cursor as it would be stored. */
    static <T> List<T> all(Source<T> source) throws Exception {
        List<T> all = new ArrayList<>();
        pages(source).forEach(page -> all.addAll(page.items()));
        return all;
    }

    static <T> List<Page<T>> pages(Source<T> source) throws Exception {
        List<Page<T>> pages = new ArrayList<>();
        Cursor at = Cursor.START;
        while (true) {
            Page<T> page = source.read(Cursor.parse(at.json()));
            pages.add(page);
            if (page.next().isEmpty()) {
                return pages;
            }
            at = page.next().get();
        }
    }

    private String text(String path) throws Exception {
        try (InputStream in = simulator.url().resolve(path).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The messages that are there and are no logs or notes, by id. */
    Map<String, Row> truth() throws Exception {
        return truth("/__truth");
    }

    Map<String, Row> truthSince(Instant since) throws Exception {
        return truth("/__truth?since=" + since);
    }

    private Map<String, Row> truth(String path) throws Exception {
        Map<String, Row> truth = new TreeMap<>();
        for (String line : text(path).lines().toList()) {
            Row row = Row.of(Json.tree(line));
            truth.put(String.valueOf(row.messageId()), row);
        }
        return truth;
    }

    /** What a table has of a message. */
    record Row(
            @Nullable String messageId,
            @Nullable String conversationId,
            @Nullable String reservationId,
            @Nullable String guestName,
            @Nullable String body,
            @Nullable String createdAt,
            @Nullable String createdAtRaw,
            @Nullable String sentBy) {

        private static Row of(JsonNode json) {
            return new Row(
                    text(json, "message_id"),
                    text(json, "conversation_id"),
                    text(json, "reservation_id"),
                    text(json, "guest_name"),
                    text(json, "body"),
                    text(json, "created_at"),
                    text(json, "created_at_raw"),
                    text(json, "sent_by"));
        }

        private static @Nullable String text(JsonNode json, String name) {
            return json.path(name).isNull() ? null : json.path(name).asString();
        }

        /** To the millisecond, as the truth has it. */
        static Row of(Message message) {
            Instant at = message.createdAt();
            return new Row(
                    message.messageId(),
                    message.conversationId(),
                    message.reservationId(),
                    message.guestName(),
                    message.body(),
                    at == null ? null : MILLIS.format(at),
                    message.createdAtRaw(),
                    message.sentBy());
        }

        private static final java.time.format.DateTimeFormatter MILLIS = java.time.format.DateTimeFormatter.ofPattern(
                        "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
                .withZone(java.time.ZoneOffset.UTC);
    }

    /** The rows of the messages, logs and notes left out, by id. */
    static Map<String, Row> rows(List<Message> messages) {
        Map<String, Row> rows = new TreeMap<>();
        for (Message message : messages) {
            if (!message.internal()) {
                rows.put(String.valueOf(message.messageId()), Row.of(message));
            }
        }
        return rows;
    }

    /** The calls as they came. */
    List<String> log() throws Exception {
        return text("/__log").lines().toList();
    }

    long calls(String part) throws Exception {
        return log().stream().filter(line -> line.contains(part)).count();
    }

    @Override
    public void close() {
        simulator.close();
    }
}
