package dev.backfill.simulators;

import java.io.IOException;
import java.net.URI;
import java.time.YearMonth;

/**
 * A web site with the homes that were sold, month by month, that runs inside this process, with data made from a seed.
 *
 * <pre>{@code
 * try (ListingsSimulator site = ListingsSimulator.with().listings(100).challengeEvery(20).start(0)) {
 *     …  // site.url()
 * }
 * }</pre>
 *
 * <p>It serves pages of HTML for people: {@code /sold?month=2020-01&page=3} with a list of sales, newest first, and a pager;
 * {@code /robots.txt}; and, to a client without a pass, a challenge in the place of a list. The challenge has a form that asks for
 * {@code /challenge?token=…}, whose answer sets the pass as a cookie; the pass is good for a number of lists. What a month holds depends on
 * the seed and the month only.
 *
 * <p>Two addresses are its own, neither limited nor logged: {@code /__truth} (optionally {@code ?month=2020-01}) gives one JSON object a line
 * for each sale, as text on the page is read by a person; {@code /__log} gives a line for each call in the order of arrival:
 * milliseconds since 1970, the first sixteen hexadecimal digits of the pass's SHA-256 ({@code -} without a pass), the status (0 if the answer
 * broke off, or is not sent yet), path and query.
 *
 * <p>Its requests are served by threads of its own. Safe for any number of clients.
 */
public final class ListingsSimulator implements AutoCloseable {

    private final ListingsData data;
    private final SimulatedServer server;

    ListingsSimulator(ListingsSettings settings, int port) throws IOException {
        data = new ListingsData(settings);
        server = new SimulatedServer(new ListingsApi(settings, data), settings.traffic, settings.seed, port);
    }

    /** Settings to start from: about 800 sales a month from 2020-01 to 2025-11, a challenge about every 200 lists, no faults. */
    public static ListingsSettings with() {
        return new ListingsSettings();
    }

    /** Where it listens. */
    public URI url() {
        return server.url();
    }

    /** How many sales a month has; none outside of its months. */
    public int count(YearMonth month) {
        return data.count(month);
    }

    /** Ends the server and its connections. */
    @Override
    public void close() {
        server.close();
    }
}
