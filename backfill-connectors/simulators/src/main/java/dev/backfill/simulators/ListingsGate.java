package dev.backfill.simulators;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** Lets clients with a pass through until it is used up, and gives a pass for the token of a challenge, once. */
final class ListingsGate {

    private static final int TOKEN = 65;
    private static final int PASS = 67;
    private static final int GOOD_FOR = 69;
    private static final int MOST_KEPT = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Integer> passes = bounded();
    private final Map<String, Integer> tokens = bounded();
    private final long seed;
    private final int every;
    private int given;

    /** @param every for how many lists a pass is good on average; 0 for a gate that is open */
    ListingsGate(long seed, int every) {
        this.seed = seed;
        this.every = every;
    }

    /** Forgets the oldest, so that clients without cookies do not fill the memory. */
    private static Map<String, Integer> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
                return size() > MOST_KEPT;
            }
        };
    }

    /** Whether a list may be given; uses the pass. */
    boolean passes(Optional<String> pass) {
        if (every == 0) {
            return true;
        }
        lock.lock();
        try {
            int left = pass.map(passes::get).orElse(0);
            pass.filter(passes::containsKey)
                    .ifPresent(name -> passes.merge(name, -1, (had, one) -> had + one > 0 ? had + one : null));
            return left > 0;
        } finally {
            lock.unlock();
        }
    }

    /** The token of another challenge. */
    String challenge() {
        lock.lock();
        try {
            int number = ++given;
            String token = Long.toHexString(Mix.of(seed, number, TOKEN));
            tokens.put(token, number);
            return token;
        } finally {
            lock.unlock();
        }
    }

    /** The pass for a token; empty if the token was never given, or was used. */
    Optional<String> pass(String token) {
        lock.lock();
        try {
            Integer number = tokens.remove(token);
            if (number == null) {
                return Optional.empty();
            }
            String pass =
                    Long.toHexString(Mix.of(seed, number, PASS)) + Long.toHexString(Mix.of(seed, number, PASS + 1));
            int half = every / 2;
            passes.put(pass, every - half + Mix.below(2 * half + 1, seed, number, GOOD_FOR));
            return Optional.of(pass);
        } finally {
            lock.unlock();
        }
    }
}
