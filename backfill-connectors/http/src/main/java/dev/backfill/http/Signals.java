package dev.backfill.http;

import dev.backfill.RateLimiter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the headers of an answer say about when to call again. What cannot be read counts as not said.
 *
 * @param after from {@code Retry-After}
 * @param left from {@code RateLimit} (IETF drafts 10, 7 and 6) or {@code X-RateLimit-*}
 * @param windows from {@code X-RateLimit-Limit-Minute} and {@code X-RateLimit-Remaining-Minute} and the like
 */
record Signals(Optional<Duration> after, Optional<Left> left, List<Window> windows) {

    /** So many calls are left for so long. */
    record Left(long calls, Duration until) {}

    /** So many calls of this limit are left; when it begins anew is not told. */
    record Window(RateLimiter.Limit limit, long left) {}

    private static final Map<String, Duration> UNITS = Map.of(
            "second", Duration.ofSeconds(1),
            "minute", Duration.ofMinutes(1),
            "hour", Duration.ofHours(1),
            "day", Duration.ofDays(1));

    private static final long MOST_CALLS = 10_000_000;

    private static final Duration MOST = Duration.ofDays(31);
    private static final int LONGEST = 4096;

    /** A reset larger than this is a point in time and not a delay; larger than the next, in milliseconds. */
    private static final long EPOCH_SECONDS = 1_000_000_000L;

    private static final long EPOCH_MILLIS = 100_000_000_000L;

    static Signals of(Map<String, List<String>> headers, Instant now) {
        Instant theirs = first(headers, "date").flatMap(Signals::date).orElse(now);
        Optional<Duration> after = headers.getOrDefault("retry-after", List.of()).stream()
                .flatMap(value -> retryAfter(value.strip(), theirs).stream())
                .max(Duration::compareTo);
        return new Signals(after, left(headers, theirs), windows(headers));
    }

    private static List<Window> windows(Map<String, List<String>> headers) {
        List<Window> windows = new ArrayList<>();
        UNITS.forEach((unit, length) -> {
            OptionalLong limit = number(first(headers, "x-ratelimit-limit-" + unit));
            OptionalLong left = number(first(headers, "x-ratelimit-remaining-" + unit));
            if (left.isPresent() && limit.isPresent() && limit.getAsLong() > 0 && limit.getAsLong() <= MOST_CALLS) {
                windows.add(new Window(new RateLimiter.Limit((int) limit.getAsLong(), length), left.getAsLong()));
            }
        });
        return windows;
    }

    private static Optional<Duration> retryAfter(String value, Instant theirs) {
        if (value.length() > 100 || value.isEmpty()) {
            return Optional.empty();
        }
        if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            String digits = value.replaceFirst("^0+", "");
            return positive(
                    digits.length() > 9 ? MOST : Duration.ofSeconds(digits.isEmpty() ? 0 : Long.parseLong(digits)));
        }
        return date(value).flatMap(date -> positive(Duration.between(theirs, date)));
    }

    private static Optional<Duration> positive(Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            return Optional.empty();
        }
        return Optional.of(duration.compareTo(MOST) > 0 ? MOST : duration);
    }

    private static Optional<Instant> date(String value) {
        try {
            return value.length() > 100
                    ? Optional.empty()
                    : Optional.of(ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Left> left(Map<String, List<String>> headers, Instant theirs) {
        Optional<String> current = all(headers, "ratelimit");
        if (current.isPresent()) {
            return structured(current.get(), all(headers, "ratelimit-policy").orElse(""));
        }
        for (String prefix : List.of("ratelimit-", "x-ratelimit-", "x-rate-limit-")) {
            OptionalLong remaining = number(first(headers, prefix + "remaining"));
            OptionalLong reset = number(first(headers, prefix + "reset"));
            if (remaining.isPresent() && reset.isPresent()) {
                return left(remaining.getAsLong(), until(reset.getAsLong(), theirs));
            }
        }
        return Optional.empty();
    }

    private static Duration until(long reset, Instant theirs) {
        if (reset > EPOCH_MILLIS) {
            return Duration.between(theirs, Instant.ofEpochMilli(reset));
        }
        return reset > EPOCH_SECONDS
                ? Duration.between(theirs, Instant.ofEpochSecond(reset))
                : Duration.ofSeconds(reset);
    }

    /** A hint that is absurd is no hint. */
    private static Optional<Left> left(long remaining, Duration until) {
        boolean sane = !until.isNegative() && !until.isZero() && until.compareTo(MOST) <= 0;
        return sane ? Optional.of(new Left(remaining, until)) : Optional.empty();
    }

    /** {@code "burst";r=50;t=30, "day";r=9;t=900} of draft 10, or {@code limit=100, remaining=50, reset=30} of draft 7. */
    private static Optional<Left> structured(String value, String policy) {
        Set<String> otherUnits = new HashSet<>();
        for (List<String> member : members(policy)) {
            Optional<String> unit = text(member, "qu");
            if (unit.isPresent() && !unit.get().equals("requests")) {
                otherUnits.add(member.get(0));
            }
        }
        List<Left> found = new ArrayList<>();
        OptionalLong remaining = OptionalLong.empty();
        OptionalLong reset = OptionalLong.empty();
        for (List<String> member : members(value)) {
            OptionalLong r = number(text(member, "r"));
            OptionalLong t = number(text(member, "t"));
            if (r.isPresent() && t.isPresent() && !otherUnits.contains(member.get(0))) {
                left(r.getAsLong(), Duration.ofSeconds(t.getAsLong())).ifPresent(found::add);
            }
            remaining = remaining.isPresent() ? remaining : number(text(member, "remaining"));
            reset = reset.isPresent() ? reset : number(text(member, "reset"));
        }
        if (remaining.isPresent() && reset.isPresent()) {
            left(remaining.getAsLong(), Duration.ofSeconds(reset.getAsLong())).ifPresent(found::add);
        }
        // one of several: the limiter keeps one, and the one with the fewest calls is reached first
        return found.stream()
                .min(Comparator.comparingLong(Left::calls).thenComparing(Left::until, Comparator.reverseOrder()));
    }

    /** The members of a list, each as its name and its parameters; commas and semicolons in quotes separate nothing. */
    private static List<List<String>> members(String value) {
        List<List<String>> members = new ArrayList<>();
        List<String> member = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            }
            if (quoted || (c != ',' && c != ';')) {
                part.append(c);
                continue;
            }
            member.add(part.toString().strip());
            part.setLength(0);
            if (c == ',') {
                members.add(member);
                member = new ArrayList<>();
            }
        }
        member.add(part.toString().strip());
        members.add(member);
        return members;
    }

    private static Optional<String> text(List<String> member, String key) {
        return member.stream()
                .filter(part -> part.startsWith(key + "="))
                .map(part -> part.substring(key.length() + 1).strip().replace("\"", ""))
                .findFirst();
    }

    private static OptionalLong number(Optional<String> text) {
        return text.filter(digits -> digits.matches("\\d{1,15}"))
                .map(digits -> OptionalLong.of(Long.parseLong(digits)))
                .orElse(OptionalLong.empty());
    }

    private static Optional<String> all(Map<String, List<String>> headers, String name) {
        List<String> values = headers.getOrDefault(name, List.of());
        String joined = String.join(",", values);
        return values.isEmpty() || joined.length() > LONGEST ? Optional.empty() : Optional.of(joined);
    }

    private static Optional<String> first(Map<String, List<String>> headers, String name) {
        return headers.getOrDefault(name, List.of()).stream()
                .filter(value -> value.length() <= LONGEST)
                .map(String::strip)
                .findFirst();
    }

    /** What a header says, in lower case. */
    static String lower(Map<String, List<String>> headers, String name) {
        return first(headers, name).orElse("").toLowerCase(Locale.ROOT);
    }
}
