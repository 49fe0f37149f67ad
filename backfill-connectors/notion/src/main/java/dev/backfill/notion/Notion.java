package dev.backfill.notion;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A database in Notion: its pages as a source, edits of its pages as a sink.
 *
 * <pre>{@code
 * record Company(String id, Instant lastEditedTime, String name, @Nullable String flag) implements NotionPage {}
 *
 * Notion notion = Notion.connect(token, databaseId);
 * Backfill.named("flags")
 *     .from(notion.pages(Company.class))
 *     .filter(company -> company.flag() == null)
 *     .into(notion.set("Flag", "Checked"))
 *     …
 * }</pre>
 *
 * <p>An immutable value: each setting gives another. It carries a limiter, which all of its sources and sinks share, in all jobs: 180 calls in
 * any minute, which is what Notion allows a connection. Whoever has the same token counts with it, so give those one limiter by
 * {@link #limitedBy}, or take {@link #database} of the same object. Safe for several threads.
 *
 * <p>Written from the published API description and from what clients have seen; tested against a simulator, not against the real
 * service.
 */
public final class Notion {

    private static final String ADDRESS = "https://api.notion.com";

    private final String address;
    private final Secret token;
    private final String database;
    private final Optional<String> choice;
    private final RateLimiter limiter;
    private final Wire wire;

    private Notion(String address, Secret token, String database, Optional<String> choice, RateLimiter limiter) {
        this.address = address;
        this.token = Objects.requireNonNull(token, "token");
        this.database = Ids.of(database);
        this.choice = choice;
        this.limiter = Objects.requireNonNull(limiter, "limiter");
        this.wire = new Wire(address, token, this.database, choice, limiter);
    }

    /**
     * A database, as yet without any call. What kind of database it is, and what properties it has, is asked before the first page.
     *
     * @param token of the integration, with which the database is shared
     * @param database its id, the id of a data source, or the address of the database in the browser
     * @throws IllegalArgumentException if there is no id in it
     */
    public static Notion connect(Secret token, String database) {
        return new Notion(ADDRESS, token, database, Optional.empty(), RateLimiter.of(180, Duration.ofMinutes(1)));
    }

    /** At another address, such as a simulator's. */
    public Notion at(String url) {
        return new Notion(url, token, database, choice, limiter);
    }

    /** With another limiter, for all calls of all sources and sinks. */
    public Notion limitedBy(RateLimiter limiter) {
        return new Notion(address, token, database, choice, limiter);
    }

    /** Another database of the same connection, under the same limiter; see {@link #connect}. */
    public Notion database(String database) {
        return new Notion(address, token, database, Optional.empty(), limiter);
    }

    /**
     * One of the several data sources that the database has. If it has several and none is chosen, the first call fails and lists them.
     *
     * @param nameOrId as Notion shows it
     */
    public Notion dataSource(String nameOrId) {
        return new Notion(address, token, database, Optional.of(nameOrId), limiter);
    }

    /**
     * The pages as records of yours, with the properties that the record has components for, and no others.
     *
     * <p>A component is given the property of its name, where case, spaces and signs do not matter: {@code dueDate} is {@code Due date}.
     * {@code @JsonProperty} gives a name exactly. {@code title} is also the title whatever its name. {@code id}, {@code createdTime},
     * {@code lastEditedTime} and {@code pageUrl} are the page's own. A date is given by its start to a component that holds one point
     * in time, else as a map or record with {@code start}, {@code end} and {@code time_zone}; other values as in {@link NotionRow}. The
     * package of the record must be open to Jackson: {@code opens my.records to tools.jackson.databind;}.
     *
     * @throws IllegalArgumentException if the type cannot be read into
     */
    public <T> Pages<T> pages(Class<T> type) {
        return new Pages<>(wire, Binding.Typed.of(type));
    }

    /**
     * The pages as maps.
     *
     * @param properties those that are read; all if none is named
     */
    public Pages<NotionRow> pages(String... properties) {
        return new Pages<>(wire, new Binding.Row(List.of(properties)));
    }

    /**
     * A sink that sets a property of each page to this value; see {@link Edit#set(String, Object)}.
     *
     * @param value a text, number, boolean, date or point in time, or a collection of texts
     */
    public Edit<NotionPage> set(String property, Object value) {
        return new Edit<NotionPage>(wire).set(property, value);
    }

    /**
     * A sink that sets a property of each page to a value of its own; see {@link Edit#set(String, Function)}.
     *
     * @param value gives the value; null to clear the property
     */
    public <T extends NotionPage> Edit<T> set(String property, Function<? super T, ?> value) {
        return new Edit<T>(wire).set(property, value);
    }

    /** A sink that empties a property of each page; see {@link Edit#clear}. */
    public Edit<NotionPage> clear(String property) {
        return new Edit<NotionPage>(wire).clear(property);
    }

    /** The address; the token is not shown. */
    @Override
    public String toString() {
        return "Notion database " + wire;
    }
}
