package dev.backfill.simulators;

import dev.backfill.RateLimiter.Limit;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says in the chosen shape that there are too many calls, and how many are left. */
record Refusal(Limits limits, Api api, Instant now) {

    Reply of(Judge.Verdict verdict) {
        if (verdict.banned()) {
            return api.refusal(403, "This key has been disabled");
        }
        Duration wait = Duration.ofSeconds(seconds(verdict.waitNanos()));
        return tooMany(wait);
    }

    /** There were too many calls at once; nobody can say when there will be fewer. */
    Reply atOnce() {
        return tooMany(Duration.ofSeconds(1));
    }

    private Reply tooMany(Duration wait) {
        Reply reply = switch (limits.body()) {
            case JSON -> api.tooMany(wait.toSeconds());
            case HTML -> Reply.html(429, "<html><body>Too many requests</body></html>");
            case EMPTY -> Reply.html(429, "");
        };
        String after = switch (limits.retryAfter()) {
            case SECONDS -> String.valueOf(wait.toSeconds());
            case HTTP_DATE -> SimulatedServer.date(now.plus(wait).plusSeconds(1)); // dates drop the fraction
            case MISSING -> "";
            case PAST -> SimulatedServer.date(now.minus(Duration.ofHours(1)));
            case HUGE -> "1000000";
            case GARBAGE -> "soon";
        };
        if (!after.isEmpty()) {
            reply.headers().put("Retry-After", after);
        }
        return reply;
    }

    Map<String, String> headers(Judge.Verdict verdict) {
        Map<String, String> headers = new LinkedHashMap<>();
        int quota = verdict.limit().calls();
        long window = verdict.limit().per().toSeconds();
        long left = verdict.remaining();
        long reset = seconds(verdict.resetNanos());
        switch (limits.headers()) {
            case NONE -> {}
            case STRUCTURED -> {
                headers.put("RateLimit-Policy", "\"default\";q=" + quota + ";w=" + window);
                headers.put("RateLimit", "\"default\";r=" + left + ";t=" + reset);
            }
            case COMBINED -> headers.put("RateLimit", "limit=" + quota + ", remaining=" + left + ", reset=" + reset);
            case SPLIT -> {
                headers.put("RateLimit-Limit", String.valueOf(quota));
                headers.put("RateLimit-Remaining", String.valueOf(left));
                headers.put("RateLimit-Reset", String.valueOf(reset));
            }
            case X_RATE_LIMIT -> {
                headers.put("X-RateLimit-Limit", String.valueOf(quota));
                headers.put("X-RateLimit-Remaining", String.valueOf(left));
                headers.put("X-RateLimit-Reset", String.valueOf(now.getEpochSecond() + reset));
            }
            case BY_UNIT ->
                verdict.left().forEach((limit, rest) -> {
                    String unit = unit(limit);
                    headers.put("X-RateLimit-Limit-" + unit, String.valueOf(limit.calls()));
                    headers.put("X-RateLimit-Remaining-" + unit, String.valueOf(rest));
                });
            case MALFORMED -> {
                headers.put("RateLimit", "\"default;r=many;t=");
                headers.put("X-RateLimit-Remaining", "-");
                headers.put("X-RateLimit-Reset", "tomorrow");
            }
        }
        return headers;
    }

    private String unit(Limit limit) {
        if (limits.windows().size() == 3) {
            long shorter = limits.windows().stream()
                    .filter(other -> other.per().compareTo(limit.per()) < 0)
                    .count();
            return shorter == 0 ? "Second" : shorter == 1 ? "Minute" : "Hour";
        }
        long seconds = limit.per().toSeconds();
        return seconds < 60 ? "Second" : seconds < 3_600 ? "Minute" : "Hour";
    }

    private static long seconds(long nanos) {
        return Math.max(0, (nanos + 999_999_999) / 1_000_000_000);
    }
}
