package dev.backfill.jdbc;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Supabase's pooler says: nearly always with the state of an internal error, and with a code of its own at the beginning of the
 * message, see {@code lib/supavisor/errors} of supabase/supavisor.
 */
final class Pooler {

    static final String CONNECTIONS = "take fewer connections: a job with parallel(n) uses n + 1 of each database";
    static final String PREPARED =
            "a pooler in transaction mode is between: say prepareThreshold=0 in the URL, or take its session mode";

    private static final Pattern CODE = Pattern.compile("\\((E[A-Z]{3,})\\)");

    private static final Set<String> PASSING = Set.of(
            "EMAXCONN",
            "EMAXCONNSESSION",
            "EMAXCLIENTCONN",
            "EMAXPROXYCONN",
            "ECHECKOUTTIMEOUT",
            "EPOOLCHECKOUT",
            "EPOOLTERMINATING",
            "EDBHANDLEREXITED",
            "EAUTHTIMEOUT",
            "ECIRCUITBREAKER");

    private Pooler() {}

    /** The code in a message, or empty. */
    static String code(String message) {
        Matcher code = CODE.matcher(message);
        return code.find() ? code.group(1) : "";
    }

    static boolean passes(String message) {
        String code = code(message);
        return PASSING.contains(code)
                || (code.equals("EAUTHQUERY") && message.matches("(?s).*(query failed|connection failed).*"));
    }

    /** What to do about it, or empty. */
    static String advice(String message) {
        return switch (code(message)) {
            case "EMAXCONN", "EMAXCONNSESSION", "EMAXCLIENTCONN", "EMAXPROXYCONN", "ECHECKOUTTIMEOUT" -> CONNECTIONS;
            case "ECIRCUITBREAKER" -> "check user and password, and leave the pooler alone for some minutes";
            case "EBANNED" -> "see the project's dashboard";
            case "ENOTFOUND", "ETENANTNOTFOUND", "ENOIDENTIFIER", "ENOTIDENTIFIER" ->
                "behind Supabase's pooler the user is called postgres.<project>, and host and region are those of the"
                        + " dashboard";
            case "ESSLREQUIRED" -> "say sslmode=verify-full in the URL, with the certificate of the dashboard";
            case "EPREPAREDNOTFOUND" -> PREPARED;
            case "ESETNOTALLOWED", "ESESSIONLEAK" ->
                "say assumeMinServerVersion=12 in the URL, so that the driver sets nothing for the session";
            default -> "";
        };
    }
}
