package dev.backfill.simulators;

import dev.backfill.Secret;
import java.io.IOException;
import java.net.URI;
import java.util.EnumSet;
import java.util.Set;

/**
 * A stand-in of the Blaze partner API that runs inside this process, with data made from a seed.
 *
 * <pre>{@code
 * try (BlazeSimulator blaze = BlazeSimulator.with().transactions(20_000).faults(2).start(0)) {
 *     …  // blaze.url(), blaze.partnerKey(), blaze.dispensaryKey()
 * }
 * }</pre>
 *
 * <p>It serves {@code /api/v1/partner/transactions} with its siblings, members, products, brands and employees. Two addresses are
 * its own, neither limited nor logged: {@code /__truth} gives one JSON object a line for each item that a perfect run must end
 * with (optionally {@code ?from=2024-01-01&to=2024-01-31}, local days, both included), as things are at that moment; {@code /__log} gives
 * a line for each call in the order of arrival: milliseconds since 1970, the first sixteen hexadecimal digits of the partner key's
 * SHA-256, the status (0 if the answer broke off, or is not sent yet), path and query.
 *
 * <p>Its requests are served by threads of its own. Safe for any number of clients.
 */
public final class BlazeSimulator implements AutoCloseable {

    private final BlazeSettings settings;
    private final SimulatedServer server;

    BlazeSimulator(BlazeSettings settings, int port) throws IOException {
        this.settings = settings;
        Set<BlazeQuirk> quirks = settings.quirks;
        BlazeData data = new BlazeData(settings);
        BlazeHistory history = new BlazeHistory(data, quirks);
        Traffic plain = settings.traffic;
        Traffic traffic = new Traffic(
                plain.latency(),
                plain.jitter(),
                plain.faults(),
                plain.kinds(),
                plain.slowness(),
                plain.limits(),
                quirks.contains(BlazeQuirk.GZIP));
        server = new SimulatedServer(new BlazeApi(settings, data, history), traffic, settings.seed, port);
    }

    /** Settings to start from: 2,000 sound transactions in 2024 with the traps that real data has, no faults, no limit. */
    public static BlazeSettings with() {
        return new BlazeSettings();
    }

    /** Where it listens. */
    public URI url() {
        return server.url();
    }

    /** The partner key that it accepts. */
    public Secret partnerKey() {
        return settings.partnerKey;
    }

    /** The dispensary key that it accepts. */
    public Secret dispensaryKey() {
        return settings.dispensaryKey;
    }

    /** What it does. */
    public Set<BlazeQuirk> quirks() {
        EnumSet<BlazeQuirk> quirks = EnumSet.noneOf(BlazeQuirk.class);
        quirks.addAll(settings.quirks);
        return quirks;
    }

    /** Ends the server and its connections. */
    @Override
    public void close() {
        server.close();
    }
}
