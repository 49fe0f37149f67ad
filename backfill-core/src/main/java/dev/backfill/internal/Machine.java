package dev.backfill.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who this process is, for others that wait for it. */
public final class Machine {

    private static final String NAME =
            "host " + host() + ", process " + ProcessHandle.current().pid();

    private Machine() {}

    /** Host and process number. */
    public static String name() {
        return NAME;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
