package dev.backfill.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where the calls of an {@link Http} go, and the only place to which its credentials may travel. */
record Address(String scheme, String host, int port, String path) {

    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    /** Reads the address that a user has set. */
    static Address parse(String url) {
        URI uri = uri(url, "the address");
        String scheme = uri.getScheme();
        if (uri.getHost() == null || scheme == null || !scheme.matches("(?i)https?")) {
            throw new IllegalArgumentException(
                    "the address must look like https://api.example.com, with https:// and a host");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("the address of " + uri.getHost()
                    + " must hold no user, query or fragment; give credentials as headers");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return new Address(
                scheme.toLowerCase(Locale.ROOT), uri.getHost().toLowerCase(Locale.ROOT), port(uri, scheme), path);
    }

    /** The address without its path, as it may be shown. */
    String origin() {
        return scheme + "://" + host + (port == (scheme.equals("https") ? 443 : 80) ? "" : ":" + port);
    }

    boolean encrypted() {
        return scheme.equals("https");
    }

    /** Whether the host is this machine, told without asking any name server. */
    boolean loopback() {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
    }

    /**
     * The URI of a path below this address, or of a whole URL which must be of the same origin.
     *
     * @throws IllegalArgumentException if it leads elsewhere; does not show where to, since such links may hold tokens
     */
    URI resolve(String pathOrUrl, String query) {
        String text;
        if (pathOrUrl.startsWith("/") && !pathOrUrl.startsWith("//")) {
            text = origin() + path + pathOrUrl;
        } else {
            URI given = uri(pathOrUrl, "a link");
            String theirs = given.getScheme();
            boolean same = theirs != null
                    && given.getHost() != null
                    && given.getRawUserInfo() == null
                    && theirs.equalsIgnoreCase(scheme)
                    && given.getHost().equalsIgnoreCase(host)
                    && port(given, theirs) == port;
            if (!same) {
                throw new IllegalArgumentException("a path must begin with one /, and a whole link must lead to "
                        + origin() + "; credentials go nowhere else");
            }
            text = pathOrUrl;
        }
        int fragment = text.indexOf('#');
        text = fragment < 0 ? text : text.substring(0, fragment);
        if (!query.isEmpty()) {
            text += (text.indexOf('?') < 0 ? "?" : "&") + query;
        }
        return uri(text, "the path");
    }

    private static int port(URI uri, String scheme) {
        return uri.getPort() >= 0 ? uri.getPort() : scheme.equalsIgnoreCase("https") ? 443 : 80;
    }

    private static URI uri(String text, String what) {
        if (!text.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    what
                            + " holds a space, a control character or a letter outside ASCII; values belong into {} or query()");
        }
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // neither shown nor kept as the cause, since it may hold a token
            throw new IllegalArgumentException(
                    what + " is not a URL from character " + e.getIndex() + " on: " + e.getReason());
        }
    }

    /** Puts each value, encoded, in the place of a {@code {}}. */
    static String fill(String template, Object... values) {
        StringBuilder filled = new StringBuilder();
        int from = 0;
        for (Object value : values) {
            int place = template.indexOf("{}", from);
            String segment = value.toString();
            if (place < 0 || segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw new IllegalArgumentException(
                        place < 0
                                ? "the path " + template + " has fewer {} than there are values"
                                : "a value in the path " + template + " is empty or made of dots");
            }
            filled.append(template, from, place).append(encode(segment));
            from = place + 2;
        }
        return filled.append(template, from, template.length()).toString();
    }

    /** Percent-encodes everything but letters, digits and {@code -._~}. */
    static String encode(String value) {
        ByteBuffer bytes;
        try {
            bytes = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(value));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a value holds half a surrogate pair and cannot be sent", e);
        }
        StringBuilder encoded = new StringBuilder(bytes.remaining());
        while (bytes.hasRemaining()) {
            int b = bytes.get() & 0xff;
            if (UNRESERVED.indexOf(b) >= 0) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(hex(b >> 4)).append(hex(b & 15));
            }
        }
        return encoded.toString();
    }

    private static char hex(int digit) {
        return Character.toUpperCase(Character.forDigit(digit, 16));
    }

    /** A name and a value for a query, or nothing for null. */
    static String query(String name, @Nullable Object value) {
        return value == null ? "" : encode(name) + "=" + encode(value.toString());
    }
}
