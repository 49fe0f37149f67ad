package dev.backfill.examples;

import java.io.IOException;
import java.net.HttpCookie;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of one site, kept in a file so that a restart is still known there and meets no new challenge.
 *
 * <p>The file has the form that curl and browsers' tools know, is readable by its owner only, and is replaced in one step. Cookies of
 * other sites in it are neither sent nor kept. Safe for several threads of one process; of several processes the last one wins.
 */
final class Session {

    private static final String HEADER = "# Netscape HTTP Cookie File";
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");
    private static final Pattern VALUE = Pattern.compile("[!#-+\\--:<-\\[\\]-~]{0,4096}");
    private static final int MOST_COOKIES = 50;
    private static final int LARGEST_FILE = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Cookie> cookies = new TreeMap<>();
    private final String host;
    private final @Nullable Path file;
    private boolean saved = true;

    private Session(String host, @Nullable Path file) {
        this.host = host;
        this.file = file;
    }

    /** @param expires seconds since 1970; 0 for never */
    private record Cookie(String value, long expires) {
        boolean over() {
            return expires != 0 && expires <= Instant.now().getEpochSecond();
        }
    }

    /** A session that ends with the process. */
    static Session passing(String host) {
        return new Session(host, null);
    }

    /**
     * The session that is in a file, or a new one if there is no such file.
     *
     * @throws Exit.Wrong if something else is in the file, which is not to be overwritten
     */
    static Session in(Path file, String host) {
        Session session = new Session(host, file.toAbsolutePath());
        if (!Files.exists(file)) {
            return session;
        }
        String text;
        try {
            text = Files.size(file) > LARGEST_FILE ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new Exit.Wrong("--session " + file + " cannot be read (" + Exit.why(e) + ")");
        }
        if (!text.startsWith(HEADER)) {
            throw new Exit.Wrong("--session " + file + " is there and is no file of cookies; name another one");
        }
        text.lines().forEach(session::load);
        return session;
    }

    private void load(String line) {
        String[] parts = line.split("\t", -1);
        if (parts.length != 7 || !parts[0].equals(host)) {
            return;
        }
        try {
            put(parts[5], parts[6], Long.parseLong(parts[4]));
        } catch (NumberFormatException e) {
            // such a cookie would have been refused when it was set
        }
    }

    private void put(String name, String value, long expires) {
        Cookie cookie = new Cookie(value, expires);
        if (cookie.over()) {
            cookies.remove(name);
        } else if (NAME.matcher(name).matches()
                && VALUE.matcher(value).matches()
                && (cookies.size() < MOST_COOKIES || cookies.containsKey(name))) {
            cookies.put(name, cookie);
        }
    }

    /** What the header {@code Cookie} says; empty if there is none to send. */
    String header() {
        lock.lock();
        try {
            cookies.values().removeIf(Cookie::over);
            return cookies.entrySet().stream()
                    .map(cookie -> cookie.getKey() + "=" + cookie.getValue().value())
                    .collect(Collectors.joining("; "));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over what an answer sets, and saves it before anything else is asked if it is new.
     *
     * @param set the values of the headers {@code Set-Cookie}
     * @throws IOException if it cannot be saved; it is then valid in this process, and saved the next time
     */
    void keep(List<String> set) throws IOException {
        lock.lock();
        try {
            String before = header();
            for (String one : set) {
                parsed(one).forEach(cookie -> put(cookie.getName(), cookie.getValue(), expires(cookie)));
            }
            saved &= header().equals(before);
            if (!saved && file != null) {
                save(file);
            }
            saved = true;
        } finally {
            lock.unlock();
        }
    }

    private static List<HttpCookie> parsed(String set) {
        try {
            return HttpCookie.parse("Set-Cookie: " + set);
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static long expires(HttpCookie cookie) {
        long seconds = cookie.getMaxAge();
        return seconds < 0 ? 0 : Math.max(1, Instant.now().getEpochSecond() + seconds);
    }

    private void save(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
        cookies.forEach((name, cookie) ->
                lines.add(String.join("\t", host, "FALSE", "/", "FALSE", "" + cookie.expires(), name, cookie.value())));
        Path folder = Files.createDirectories(file.resolveSibling(""));
        Path fresh = Files.createTempFile(folder, ".session", null); // for the owner only
        try {
            Files.write(fresh, lines, StandardCharsets.ISO_8859_1);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
