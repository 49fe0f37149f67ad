package dev.backfill.simulators;

import dev.backfill.RateLimiter.Limit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the calls of each credential on arrival, and says which are too many. */
final class Judge {

    /**
     * What becomes of a call.
     *
     * @param waitNanos how long until there is room; 0 if the call may pass
     * @param banned whether the credential is disabled
     * @param remaining calls left in the tightest window after this one
     * @param resetNanos until the tightest window has more room
     * @param limit the tightest window
     * @param left calls left in each window
     */
    record Verdict(
            long waitNanos, boolean banned, long remaining, long resetNanos, Limit limit, Map<Limit, Long> left) {
        boolean passes() {
            return waitNanos == 0 && !banned;
        }
    }

    private final Limits limits;
    private final long start;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Account> accounts = new HashMap<>();

    Judge(Limits limits, long start) {
        this.limits = limits;
        this.start = start;
    }

    private static final class Account {
        final List<Window> windows;
        int refusals;
        boolean banned;

        Account(List<Window> windows) {
            this.windows = windows;
        }
    }

    /** A call has arrived. */
    Verdict arrived(String credential, long now) {
        lock.lock();
        try {
            Account account = accounts.computeIfAbsent(
                    credential,
                    key -> new Account(limits.windows().stream()
                            .map(limit -> window(limit, now))
                            .toList()));
            if (account.banned) {
                return new Verdict(0, true, 0, 0, limits.windows().get(0), Map.of());
            }
            long wait = 0;
            for (Window window : account.windows) {
                wait = Math.max(wait, window.waitAt(now));
            }
            if (wait == 0 || limits.refusedCount()) {
                account.windows.forEach(window -> window.count(now));
            }
            if (wait > 0 && ++account.refusals == limits.banAfter()) {
                account.banned = true;
            }
            Window tightest = account.windows.get(0);
            Map<Limit, Long> left = new LinkedHashMap<>();
            for (Window window : account.windows) {
                left.put(window.limit(), window.remaining(now));
                tightest = window.remaining(now) < tightest.remaining(now) ? window : tightest;
            }
            return new Verdict(
                    wait, account.banned, tightest.remaining(now), tightest.resetNanos(now), tightest.limit(), left);
        } finally {
            lock.unlock();
        }
    }

    private Window window(Limit limit, long now) {
        return switch (limits.counting()) {
            case SLIDING -> new Sliding(limit, now);
            case FIXED -> new Fixed(limit, start);
            case BUCKET -> new Bucket(limit, now);
        };
    }

    private interface Window {
        Limit limit();

        /** How long until a call passes. */
        long waitAt(long now);

        void count(long now);

        long remaining(long now);

        long resetNanos(long now);
    }

    /** The exact log: the times of the last n calls. */
    private static final class Sliding implements Window {
        private final Limit limit;
        private final long per;
        private final long[] ring;
        private int next;

        Sliding(Limit limit, long now) {
            this.limit = limit;
            per = limit.per().toNanos();
            ring = new long[limit.calls()];
            java.util.Arrays.fill(ring, now - per);
        }

        @Override
        public Limit limit() {
            return limit;
        }

        @Override
        public long waitAt(long now) {
            return Math.max(0, ring[next] + per - now);
        }

        @Override
        public void count(long now) {
            ring[next] = now;
            next = (next + 1) % ring.length;
        }

        @Override
        public long remaining(long now) { // the ring is in order of time
            int low = 0;
            int high = ring.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (now - ring[(next + middle) % ring.length] >= per) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        @Override
        public long resetNanos(long now) {
            return Math.max(0, ring[(int) (next + remaining(now)) % ring.length] + per - now);
        }
    }

    private static final class Fixed implements Window {
        private final Limit limit;
        private final long start;
        private final long per;
        private long period;
        private long used;

        Fixed(Limit limit, long start) {
            this.limit = limit;
            this.start = start;
            per = limit.per().toNanos();
        }

        @Override
        public Limit limit() {
            return limit;
        }

        private void turn(long now) {
            long current = (now - start) / per;
            if (current != period) {
                period = current;
                used = 0;
            }
        }

        @Override
        public long waitAt(long now) {
            turn(now);
            return used < limit.calls() ? 0 : Math.max(1, resetNanos(now));
        }

        @Override
        public void count(long now) {
            turn(now);
            used++;
        }

        @Override
        public long remaining(long now) {
            turn(now);
            return Math.max(0, limit.calls() - used);
        }

        @Override
        public long resetNanos(long now) {
            return per - (now - start) % per;
        }
    }

    private static final class Bucket implements Window {
        private final Limit limit;
        private final double perCall;
        private double tokens;
        private long filled;

        Bucket(Limit limit, long now) {
            this.limit = limit;
            perCall = (double) limit.per().toNanos() / limit.calls();
            tokens = limit.calls();
            filled = now;
        }

        @Override
        public Limit limit() {
            return limit;
        }

        private void fill(long now) {
            tokens = Math.min(limit.calls(), tokens + (now - filled) / perCall);
            filled = now;
        }

        @Override
        public long waitAt(long now) {
            fill(now);
            return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) * perCall);
        }

        @Override
        public void count(long now) {
            fill(now);
            tokens = Math.max(0, tokens - 1);
        }

        @Override
        public long remaining(long now) {
            fill(now);
            return (long) tokens;
        }

        @Override
        public long resetNanos(long now) {
            fill(now);
            return (long) ((limit.calls() - tokens) * perCall);
        }
    }
}
