package dev.backfill.http;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A service that is called over HTTP: where it is, what proves who you are, and how often it may be called.
 *
 * <pre>{@code
 * Http api = Http.to("https://api.example.com").bearer(token).limitedBy(RateLimiter.of(100, Duration.ofMinutes(1)));
 * Source<Order> orders = from -> {
 *     var answer = api.get("/orders").query("cursor", from.as(String.class)).as(Orders.class);
 *     return Page.until(answer.items(), answer.next());
 * };
 * }</pre>
 *
 * <p>An immutable value: each method gives another. All values that come from one {@link #to} share their connections, whose threads do
 * not keep a program alive. Calls block their thread, may be made by any number of threads, and end when that thread is interrupted.
 *
 * <p>Nothing is tried again here, since the runner does that. Redirects are not followed, and credentials go to the given scheme, host
 * and port only.
 */
public final class Http {

    private final Address address;
    private final List<Header> headers;
    private final Optional<RateLimiter> limiter;
    private final Duration timeout;
    private final long maxBody;
    private final boolean plain;
    private final Function<HttpException, RuntimeException> meaning;
    private final Transport transport;
    private final Time time;

    private Http(
            Address address,
            List<Header> headers,
            Optional<RateLimiter> limiter,
            Duration timeout,
            long maxBody,
            boolean plain,
            Function<HttpException, RuntimeException> meaning,
            Transport transport,
            Time time) {
        this.address = address;
        this.headers = List.copyOf(headers);
        this.limiter = limiter;
        this.timeout = timeout;
        this.maxBody = maxBody;
        this.plain = plain;
        this.meaning = meaning;
        this.transport = transport;
        this.time = time;
    }

    /**
     * The service at an address such as {@code https://api.example.com/v1}; the paths of its calls are added to it.
     *
     * <p>A call may take a minute and its answer may have 64 MiB, unless said otherwise.
     *
     * @throws IllegalArgumentException if this is no http or https address, or one with a user, a query or a fragment
     */
    public static Http to(String address) {
        return new Http(
                Address.parse(address),
                List.of(),
                Optional.empty(),
                Duration.ofMinutes(1),
                64L << 20,
                false,
                HttpException::usual,
                new JdkTransport(),
                Ports.current().time());
    }

    /** With a header that is sent with each call. A second one of the same name takes the place of the first. */
    public Http header(String name, String value) {
        return with(new Header(name, value, Optional.empty()));
    }

    /** With a credential as a header; its value is never shown. */
    public Http header(String name, Secret value) {
        return with(new Header(name, "", Optional.of(value)));
    }

    /** With the header {@code Authorization: Bearer …}. */
    public Http bearer(Secret token) {
        return with(new Header("Authorization", "Bearer ", Optional.of(token)));
    }

    private Http with(Header header) {
        List<Header> more = replaced(headers, header);
        return new Http(address, more, limiter, timeout, maxBody, plain, meaning, transport, time);
    }

    static List<Header> replaced(List<Header> headers, Header header) {
        List<Header> more = new ArrayList<>(headers);
        more.removeIf(other -> other.name().equalsIgnoreCase(header.name()));
        more.add(header);
        return more;
    }

    /**
     * With a limiter that is asked before every call, and told what the answers say of the limit ({@code Retry-After},
     * {@code RateLimit}, {@code X-RateLimit-*}, also by second, minute, hour and day); that only ever slows down.
     */
    public Http limitedBy(RateLimiter limiter) {
        Optional<RateLimiter> given = Optional.of(limiter);
        return new Http(address, headers, given, timeout, maxBody, plain, meaning, transport, time);
    }

    /**
     * With another time in which a call must be over, from its sending to the last byte of its answer.
     *
     * @throws IllegalArgumentException if it is not above zero
     */
    public Http timeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a timeout is above zero, not " + timeout);
        }
        return new Http(address, headers, limiter, timeout, maxBody, plain, meaning, transport, time);
    }

    /**
     * With another limit on the size of an answer, in bytes after unpacking. JSON stays limited to 64 MiB.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public Http maxBody(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("an answer needs room for a byte at least, not " + bytes);
        }
        return new Http(address, headers, limiter, timeout, bytes, plain, meaning, transport, time);
    }

    /** Without encryption, for a service inside a network that you trust. This machine's own services need no such leave. */
    public Http allowPlainHttp() {
        return new Http(address, headers, limiter, timeout, maxBody, true, meaning, transport, time);
    }

    /**
     * With a meaning of its own for each answer that is not 2xx, for a service whose statuses mean something else than
     * {@linkplain HttpException#usual() usual}: what the function returns is thrown.
     */
    public Http failing(Function<HttpException, RuntimeException> meaning) {
        Objects.requireNonNull(meaning, "meaning");
        return new Http(address, headers, limiter, timeout, maxBody, plain, meaning, transport, time);
    }

    /**
     * A call that reads.
     *
     * @param path begins with a slash; or a whole URL, such as a link to the next page, that leads to this same service
     * @param segments put into the path, encoded, each in the place of a {@code {}}: {@code get("/orders/{}/lines", id)}
     * @throws IllegalArgumentException if a URL leads elsewhere, or if this service is neither encrypted nor local
     */
    public Request get(String path, Object... segments) {
        return request("GET", path, segments);
    }

    /** A call that sends; see {@link #get}. */
    public Request post(String path, Object... segments) {
        return request("POST", path, segments);
    }

    /** A call that changes a part; see {@link #get}. */
    public Request patch(String path, Object... segments) {
        return request("PATCH", path, segments);
    }

    /** A call that replaces; see {@link #get}. */
    public Request put(String path, Object... segments) {
        return request("PUT", path, segments);
    }

    /** A call that removes; see {@link #get}. */
    public Request delete(String path, Object... segments) {
        return request("DELETE", path, segments);
    }

    private Request request(String method, String path, Object... segments) {
        if (!address.encrypted() && !address.loopback() && !plain) {
            throw new IllegalArgumentException(address.origin()
                    + " is not encrypted, and credentials would travel in the open: use https, or allowPlainHttp()");
        }
        String filled = segments.length == 0 ? path : Address.fill(path, segments);
        address.resolve(filled, "");
        return new Request(this, method, filled, headers);
    }

    /** Where this service is: scheme, host and, if it is not the usual one, port. */
    public String origin() {
        return address.origin();
    }

    /** The limiter that is asked before each call, if any. */
    public Optional<RateLimiter> limiter() {
        return limiter;
    }

    Address address() {
        return address;
    }

    Duration deadline() {
        return timeout;
    }

    long maxBody() {
        return maxBody;
    }

    Function<HttpException, RuntimeException> meaning() {
        return meaning;
    }

    Transport transport() {
        return transport;
    }

    Time time() {
        return time;
    }

    @Override
    public String toString() {
        return address.origin() + address.path();
    }
}
