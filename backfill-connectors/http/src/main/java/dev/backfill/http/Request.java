package dev.backfill.http;

import dev.backfill.internal.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of a service, not yet made. An immutable value; it is made, each time, by {@link #as}, {@link #rows}, {@link #list},
 * {@link #reading} or {@link #send}, which block.
 *
 * <p>These throw {@link dev.backfill.TransientException} for what may pass: no connection, no answer in time, a cut or broken answer, a
 * page of a proxy in the place of JSON, an empty answer where one was expected, and the statuses of {@link HttpException#usual()}. They
 * throw {@link HttpException} for what does not pass.
 */
public final class Request {

    private final Http http;
    private final String method;
    private final String path;
    private final String query;
    private final List<Header> headers;
    private final byte[] body;

    Request(Http http, String method, String path, List<Header> headers) {
        this(http, method, path, "", headers, new byte[0]);
    }

    private Request(Http http, String method, String path, String query, List<Header> headers, byte[] body) {
        this.http = http;
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = List.copyOf(headers);
        this.body = body;
    }

    /** Reads an answer from a stream. */
    @FunctionalInterface
    public interface Reading<T> {

        /** Reads; the stream is unpacked and limited, fails when the call's time is over, and is closed by the caller. */
        T from(InputStream body) throws IOException;
    }

    /**
     * With a parameter in the query, percent-encoded.
     *
     * @param value its {@code toString()} is sent; left out if it is null or an empty {@link Optional}
     */
    public Request query(String name, @Nullable Object value) {
        Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
        String more = Address.query(name, given);
        String joined = query.isEmpty() || more.isEmpty() ? query + more : query + "&" + more;
        return new Request(http, method, path, joined, headers, body);
    }

    /** With a header, in the place of one of the same name. */
    public Request header(String name, String value) {
        Header header = new Header(name, value, Optional.empty());
        return new Request(http, method, path, query, Http.replaced(headers, header), body);
    }

    /**
     * With a value, such as a record or a map, as the JSON that is sent.
     *
     * @throws IllegalArgumentException if it cannot be written as JSON
     */
    public Request json(Object value) {
        return bytes("application/json", Json.write(value).getBytes(StandardCharsets.UTF_8));
    }

    /** With values as the lines of JSON that are sent; see {@link #json}. */
    public Request jsonLines(List<?> values) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Object value : values) {
            lines.writeBytes(Json.write(value).getBytes(StandardCharsets.UTF_8));
            lines.write('\n');
        }
        return bytes("application/x-ndjson", lines.toByteArray());
    }

    /** With these bytes to send. They are not copied. */
    public Request bytes(String contentType, byte[] bytes) {
        Header header = new Header("Content-Type", contentType, Optional.empty());
        return new Request(http, method, path, query, Http.replaced(headers, header), bytes);
    }

    /**
     * Makes the call and reads its answer as JSON of the given type: a record of yours, or {@code Map.class}. Fields that the type does
     * not have are skipped.
     */
    public <T> T as(Class<T> type) throws InterruptedException {
        return json(type, (stream, charset) -> JsonBody.value(stream, charset, type));
    }

    /**
     * Makes the call and reads an answer that carries its rows in a field, such as {@code {"results": […], "next": "…"}}. The rows are
     * read one by one as they arrive. If the field is null there are no rows; if it is missing, the answer is not the one expected.
     */
    public <T> Rows<T> rows(String field, Class<T> type) throws InterruptedException {
        return json(type, (stream, charset) -> JsonBody.rows(stream, charset, field, type));
    }

    /** Makes the call and reads an answer that is a JSON array. The rows are read one by one as they arrive. */
    public <T> List<T> list(Class<T> type) throws InterruptedException {
        return json(type, (stream, charset) -> JsonBody.list(stream, charset, type));
    }

    /** Makes the call and reads its answer in a way of your own. */
    public <T> T reading(Reading<T> reading) throws InterruptedException {
        return exchange().read((stream, charset) -> reading.from(stream), false);
    }

    /** Makes the call and drops the body of its answer, which may be empty. */
    public Answer send() throws InterruptedException {
        return exchange().drop();
    }

    private <T> T json(Class<?> type, Exchange.Reader<T> reader) throws InterruptedException {
        if (type.isPrimitive()) {
            throw new IllegalArgumentException("an answer cannot be read as the primitive " + type);
        }
        Request asking = headers.stream().anyMatch(header -> header.name().equalsIgnoreCase("Accept"))
                ? this
                : header("Accept", "application/json");
        return asking.exchange().read(reader, true);
    }

    private Exchange exchange() throws InterruptedException {
        Header gzip = new Header("Accept-Encoding", "gzip", Optional.empty());
        Transport.Outgoing outgoing =
                new Transport.Outgoing(method, http.address().resolve(path, query), Http.replaced(headers, gzip), body);
        return Exchange.begin(http, outgoing);
    }

    /** The charset that a content type names; UTF-8 if none. */
    static Charset charset(String contentType) throws IOException {
        int at = contentType.indexOf("charset=");
        if (at < 0) {
            return StandardCharsets.UTF_8;
        }
        String name = contentType.substring(at + 8).split(";", 2)[0].strip().replace("\"", "");
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            throw new IOException("the answer is in the unknown charset " + Redactor.escape(name), e);
        }
    }

    @Override
    public String toString() {
        return method + " " + http.origin(); // the rest may hold what should not be shown
    }
}
