package dev.backfill.simulators;

import dev.backfill.Secret;
import dev.backfill.simulators.NotionPages.Page;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A stand-in of the Notion API that runs inside this process: one database with pages made from a seed.
 *
 * <pre>{@code
 * try (NotionSimulator notion = NotionSimulator.with().pages(33_700).limit(Limit.parse("180/1m")).start(0)) {
 *     …  // notion.url(), notion.token(), notion.database()
 * }
 * }</pre>
 *
 * <p>It serves databases, data sources and their queries, pages, edits, long properties and the user of the token. Two addresses are
 * its own, neither limited nor logged. {@code /__truth} gives one JSON object a line for each page that is not in the trash, by id:
 * its title, whether another has the same title but for case and spaces ({@code duplicate}), its times in milliseconds, how
 * often it was written over the API ({@code writes}), and its properties; {@code /__truth?trash=true} those in the trash. {@code /__log} gives a line for each call in the order of
 * arrival: milliseconds since 1970, the first sixteen hexadecimal digits of the token's SHA-256, the status (0 if the answer broke off, or
 * is not sent yet), path and query, and the method unless it is GET.
 *
 * <p>Its requests are served by threads of its own. Safe for any number of clients.
 */
public final class NotionSimulator implements AutoCloseable {

    private final NotionSettings settings;
    private final NotionPages pages;
    private final NotionApi api;
    private final SimulatedServer server;

    NotionSimulator(NotionSettings settings, int port) throws IOException {
        this.settings = settings;
        pages = new NotionPages(settings);
        api = new NotionApi(settings, pages);
        Traffic plain = settings.traffic;
        Traffic traffic = new Traffic(
                plain.latency(),
                plain.jitter(),
                plain.faults(),
                plain.kinds(),
                plain.slowness(),
                plain.limits(),
                settings.quirks.contains(NotionQuirk.GZIP));
        server = new SimulatedServer(api, traffic, settings.seed, port);
    }

    /** Settings to start from: 2,000 pages of 2024 with the traps that real data has, no faults, no limit, nobody else at work. */
    public static NotionSettings with() {
        return new NotionSettings();
    }

    /** Where it listens. */
    public URI url() {
        return server.url();
    }

    /** The token that it accepts. */
    public Secret token() {
        return settings.token;
    }

    /** The id of its database. */
    public String database() {
        return api.database();
    }

    /** The ids of the database's data sources. */
    public List<String> dataSources() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < settings.dataSources.size(); i++) {
            ids.add(api.dataSource(i));
        }
        return ids;
    }

    /** Somebody moves a page to the trash. */
    public void trash(String page) {
        change(page, found -> {
            found.trashed = true;
            pages.edited(found, NotionPages.HUMAN);
        });
    }

    /** Somebody deletes a page for ever, or no longer shares it. */
    public void remove(String page) {
        change(page, found -> found.removed = true);
    }

    /** Somebody sets the flag of a page. */
    public void flag(String page, String option) {
        change(
                page,
                found -> pages.schema.find("Flag").ifPresent(flag -> {
                    found.changed.put(flag.id(), flag.option(option));
                    pages.edited(found, NotionPages.HUMAN);
                }));
    }

    private void change(String page, Consumer<Page> change) {
        pages.lock.lock();
        try {
            change.accept(pages.find(page).orElseThrow(() -> new IllegalArgumentException("there is no page " + page)));
        } finally {
            pages.lock.unlock();
        }
    }

    /** Somebody gives a property another name. */
    public void rename(String property, String name) {
        pages.lock.lock();
        try {
            pages.schema.rename(property, name);
        } finally {
            pages.lock.unlock();
        }
    }

    /** Somebody removes a property from the database. */
    public void drop(String property) {
        pages.lock.lock();
        try {
            pages.schema.drop(property);
        } finally {
            pages.lock.unlock();
        }
    }

    /** Ends the server and its connections. */
    @Override
    public void close() {
        server.close();
    }
}
