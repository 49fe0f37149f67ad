package dev.backfill.simulators;

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
        Reply reply = limits.html()
                ? Reply.html(429, "<html><body>Too many requests</body></html>")
                : api.tooMany(wait.toSeconds());
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
            case MALFORMED -> {
                headers.put("RateLimit", "\"default;r=many;t=");
                headers.put("X-RateLimit-Remaining", "-");
                headers.put("X-RateLimit-Reset", "tomorrow");
            }
        }
        return headers;
    }

    private static long seconds(long nanos) {
        return Math.max(0, (nanos + 999_999_999) / 1_000_000_000);
    }
}
