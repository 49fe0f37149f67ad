package dev.backfill.supabase;

import dev.backfill.BackfillException;
import dev.backfill.TransientException;
import dev.backfill.http.Answer;
import dev.backfill.http.Http;
import dev.backfill.http.Request;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One table as the API shows it: makes its calls and knows what their failures mean. Safe for several threads. */
final class Endpoint {

    /** So often in a row an unknown table or column is taken for one that is new. */
    private static final int RELOADS = 3;

    private final Http http;
    private final @Nullable String schema;
    private final String table;
    private final AtomicInteger unknown = new AtomicInteger();

    Endpoint(Http http, @Nullable String schema, String table) {
        if (table.isBlank() || table.equals(".") || table.equals("..")) {
            throw new IllegalArgumentException("this is no name of a table: '" + table + "'");
        }
        this.http = http;
        this.schema = schema;
        this.table = table;
    }

    private Http reading() {
        return http.failing(answer -> Failures.of(answer, "reading the table " + this));
    }

    private Http writing() {
        return http.failing(answer -> Failures.of(answer, "writing to the table " + this));
    }

    Request get() {
        return profiled(reading().get("/{}", table), "Accept-Profile");
    }

    /** The description of all tables. */
    Request description() {
        return profiled(reading().get("/"), "Accept-Profile").header("Accept", "application/openapi+json");
    }

    Request post() {
        return profiled(writing().post("/{}", table), "Content-Profile");
    }

    Request patch() {
        return profiled(writing().patch("/{}", table), "Content-Profile");
    }

    private Request profiled(Request request, String header) {
        return schema == null ? request : request.header(header, schema);
    }

    String table() {
        return table;
    }

    /** Makes a call without a body to read. */
    Answer send(Request request) throws InterruptedException {
        return tried(request::send);
    }

    /** Makes a call that answers rows. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // rows of JSON have names and values
    List<Map<String, @Nullable Object>> rows(Request request) throws InterruptedException {
        return (List) tried(() -> request.list(Map.class));
    }

    @FunctionalInterface
    interface Call<T> {
        T make() throws InterruptedException;
    }

    <T> T tried(Call<T> call) throws InterruptedException {
        try {
            T result = call.make();
            unknown.set(0);
            return result;
        } catch (Failures.Unknown e) {
            if (unknown.incrementAndGet() <= RELOADS) {
                throw new TransientException(String.valueOf(e.getMessage()), Failures.RELOAD);
            }
            unknown.set(0);
            throw new BackfillException(
                    e.getMessage() + ". If it is new, tell the API: NOTIFY pgrst, 'reload schema'", e);
        }
    }

    /** How many rows a call with {@code count=exact} was about. */
    static OptionalLong count(Answer answer) {
        String range = answer.header("content-range").orElse("");
        String count = range.substring(range.indexOf('/') + 1);
        return range.contains("/") && count.matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(count))
                : OptionalLong.empty();
    }

    @Override
    public String toString() {
        return schema == null ? table : schema + '.' + table;
    }
}
