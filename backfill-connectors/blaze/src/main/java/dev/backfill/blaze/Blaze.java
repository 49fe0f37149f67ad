package dev.backfill.blaze;

import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import dev.backfill.http.HttpException;
import dev.backfill.http.Request;
import dev.backfill.internal.Ports;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.function.Function;

/**
 * The Blaze partner API for cannabis retail: transactions, members and products of one shop.
 *
 * <pre>{@code
 * Blaze blaze = Blaze.connect(partnerKey, dispensaryKey);
 * Backfill.named("blaze-items")
 *     .from(blaze.transactions(LocalDate.of(2024, 1, 1), today))
 *     .flatMap(Transaction::items)
 *     …
 * }</pre>
 *
 * <p>An immutable value: each setting gives another. It carries a limiter, which all of its sources share: 7,500 calls in any five
 * minutes, of the 10,000 that Blaze allows a partner key. All shops of one partner key are counted together, so give all of
 * them one limiter by {@link #limitedBy}. Safe for several threads.
 *
 * <p>Written from the published API description and from what clients have seen; tested against a simulator, not against the real
 * service. What is not confirmed is told at each method.
 */
public final class Blaze {

    private static final String ADDRESS = "https://api.partners.blaze.me";
    private static final String ROOT = "/api/v1/partner/";
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MM/dd/yyyy");

    /** A page of 100 transactions has 2 to 6 megabytes. */
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    /** How long all calls rest after a 429 that does not say how long. */
    private static final Duration REST = Duration.ofSeconds(30);

    private final String address;
    private final Secret partnerKey;
    private final Secret dispensaryKey;
    private final KeyHeader keyHeader;
    private final RateLimiter limiter;
    private final ZoneId zone;
    private final int days;
    private final Ports ports;
    private final Http http;

    /** The header in which the partner key is sent. */
    public enum KeyHeader {
        /** {@code partner_key}, as in the API description and in all clients that were seen. */
        PARTNER_KEY("partner_key"),
        /** {@code x-api-key}, as in newer pages of the documentation. */
        X_API_KEY("x-api-key");

        private final String header;

        KeyHeader(String header) {
            this.header = header;
        }
    }

    private Blaze(
            String address,
            Secret partnerKey,
            Secret dispensaryKey,
            KeyHeader keyHeader,
            RateLimiter limiter,
            ZoneId zone,
            int days,
            Ports ports) {
        this.address = address;
        this.partnerKey = partnerKey;
        this.dispensaryKey = dispensaryKey;
        this.keyHeader = Objects.requireNonNull(keyHeader, "keyHeader");
        this.limiter = Objects.requireNonNull(limiter, "limiter");
        this.zone = Objects.requireNonNull(zone, "zone");
        this.days = days;
        this.ports = ports;
        this.http = Http.to(address)
                .header(keyHeader.header, partnerKey)
                .header("Authorization", dispensaryKey) // the bare key, without Bearer
                .limitedBy(limiter)
                .timeout(TIMEOUT)
                .failing(this::meaning);
    }

    /**
     * A shop, as yet without any call.
     *
     * @param partnerKey of the integrator
     * @param dispensaryKey of the shop; it says which shop is read and what may be read
     */
    public static Blaze connect(Secret partnerKey, Secret dispensaryKey) {
        return new Blaze(
                ADDRESS,
                Objects.requireNonNull(partnerKey, "partnerKey"),
                Objects.requireNonNull(dispensaryKey, "dispensaryKey"),
                KeyHeader.PARTNER_KEY,
                RateLimiter.of(7_500, Duration.ofMinutes(5)),
                ZoneId.of("America/Los_Angeles"),
                7,
                Ports.current());
    }

    /** At another address, such as a simulator's. */
    public Blaze at(String url) {
        return new Blaze(url, partnerKey, dispensaryKey, keyHeader, limiter, zone, days, ports);
    }

    /** With another limiter, for all calls of all sources; share it between the shops of one partner key. */
    public Blaze limitedBy(RateLimiter limiter) {
        return new Blaze(address, partnerKey, dispensaryKey, keyHeader, limiter, zone, days, ports);
    }

    /** With the partner key in another header. */
    public Blaze keyHeader(KeyHeader keyHeader) {
        return new Blaze(address, partnerKey, dispensaryKey, keyHeader, limiter, zone, days, ports);
    }

    /** With the shop's time zone, by which its days begin; America/Los_Angeles if nothing is said. */
    public Blaze zone(ZoneId zone) {
        return new Blaze(address, partnerKey, dispensaryKey, keyHeader, limiter, zone, days, ports);
    }

    /**
     * With windows of fewer days, for a shop with so many transactions that Blaze refuses to skip them.
     *
     * @param days 1 to 7; Blaze refuses more
     */
    public Blaze windowsOf(int days) {
        if (days < 1 || days > 7) {
            throw new IllegalArgumentException("a window has 1 to 7 days, not " + days);
        }
        return new Blaze(address, partnerKey, dispensaryKey, keyHeader, limiter, zone, days, ports);
    }

    /**
     * The transactions of some days, in windows of seven.
     *
     * <p>It is not confirmed whether the last day of a window belongs to it. So each window begins with the last day of the one before,
     * which is right either way, and transactions of such a day may be given twice: write them by key, with
     * {@code newestBy("modified")} if several windows are to be read side by side. Whether {@code to} itself is read is open for the same reason.
     *
     * <p>A window that has not passed yet in the shop's zone is read to its present end, and again by the next run. Each window
     * is compared with the number of transactions that Blaze counts in it, read again while it differs, and at last fails rather
     * than pass for done.
     *
     * @param from the first day of the shop
     * @param to the last day; may grow from run to run, such as today
     * @throws IllegalArgumentException if {@code to} is not after {@code from}
     */
    public Partitioned<Transaction> transactions(LocalDate from, LocalDate to) {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("the days must end after " + from + ", not at " + to);
        }
        Listing<Wire> listing = new Listing<>(http, ROOT + "transactions", "skip", true, Wire.class, Wire::key);
        String definition = definition("transactions") + "\nblaze zone " + zone.getId() + "\nblaze windows of " + days
                + (days == 1 ? " day" : " days");
        return new DayWindows(
                listing, from, to, days, () -> LocalDate.ofInstant(ports.time().now(), zone), definition);
    }

    /**
     * The members of a time.
     *
     * <p>Not confirmed: whether the time means the joining or the last change. What was seen looks like all members, whatever the time,
     * the last changed first; so a member who changes while the list is read may be missed, and the report says so.
     *
     * @param from the beginning
     * @param to the end, after the beginning
     */
    public Source<Member> members(Instant from, Instant to) {
        Listing<Wire.Person> listing =
                new Listing<>(http, ROOT + "members", "skip", false, Wire.Person.class, Wire.Person::key);
        return new Entries<>(listing, between(listing, from, to), Wire.Person::member, definition("members"));
    }

    /** The products that Blaze has for these days; what the days mean is not confirmed. */
    public Source<Product> products(LocalDate from, LocalDate to) {
        Listing<Wire.Ware> listing = wares("products");
        Request request = listing.request().query("startDate", DAY.format(from)).query("endDate", DAY.format(to));
        return new Entries<>(listing, request, Wire.Ware::product, definition("products"));
    }

    /** The products that were modified in this time. */
    public Source<Product> productsModified(Instant from, Instant to) {
        Listing<Wire.Ware> listing = wares("products/modified");
        return new Entries<>(listing, between(listing, from, to), Wire.Ware::product, definition("products modified"));
    }

    /**
     * Another list, such as {@code list("employees", "start", Employee.class, Employee::id)}.
     *
     * @param path below {@code /api/v1/partner/}
     * @param position what the list calls the number of rows to skip: {@code skip} or {@code start}, which differs from list to list
     * @param row what a row is read into
     * @param id what tells rows apart
     */
    public <T> Source<T> list(String path, String position, Class<T> row, Function<? super T, String> id) {
        Listing<T> listing = new Listing<>(http, ROOT + path, position, true, row, id);
        return new Entries<>(listing, listing.request(), Function.identity(), definition(path));
    }

    private Listing<Wire.Ware> wares(String path) {
        return new Listing<>(http, ROOT + path, "skip", true, Wire.Ware.class, Wire.Ware::key);
    }

    private static Request between(Listing<?> listing, Instant from, Instant to) {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("the time must end after " + from + ", not at " + to);
        }
        return listing.request().query("startDate", from.toEpochMilli()).query("endDate", to.toEpochMilli());
    }

    private String definition(String what) {
        return "blaze " + what + " at " + http;
    }

    private RuntimeException meaning(HttpException answer) {
        return switch (answer.status()) {
            case 400 ->
                answer.advising(
                        "Blaze takes windows of 7 days at most and MM/dd/yyyy only; if it refuses to skip so many rows,"
                                + " use windowsOf(1)");
            case 429 -> {
                if (answer.after().isPresent()) {
                    yield answer.passing();
                }
                limiter.quiet(REST);
                yield new TransientException(String.valueOf(answer.getMessage()), REST);
            }
            default -> answer.usual();
        };
    }

    /** The address; the keys are not shown. */
    @Override
    public String toString() {
        return "Blaze at " + http;
    }
}
