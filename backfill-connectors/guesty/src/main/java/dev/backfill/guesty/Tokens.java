package dev.backfill.guesty;

import dev.backfill.BackfillException;
import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.internal.Hold;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token of an account: kept while it is good, replaced before it ends by one thread of one process, and never asked for more
 * often than Guesty allows. Safe for several threads.
 */
final class Tokens {

    private static final Logger LOG = LoggerFactory.getLogger(Guesty.class);

    /** So long does another process have to ask for a token. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** So long is a token that is still good used when no new one could be had. */
    private static final long REST = Duration.ofMinutes(1).toMillis();

    /** Another call may be refused since all of a day's tokens are spent, so some are left for the next start. */
    private static final int RESERVE = 2;

    private final Ports ports;
    private final Tasks.Gate gate;
    private final TokenCall call;
    private final String with;
    private final @Nullable TokenFile file;

    // guarded by the gate
    private Kept kept = Kept.NOTHING;
    private boolean asking;
    /** Whether the token was replaced since a call was refused, and no call was accepted since. */
    private boolean replaced;

    private long restUntil;

    /**
     * @param folder where the token is kept for other processes; null for this object only
     */
    Tokens(String address, String clientId, Secret secret, RateLimiter limiter, @Nullable Path folder) {
        this.ports = Ports.current();
        this.gate = ports.tasks().gate();
        this.call = new TokenCall(address, clientId, secret, limiter);
        this.with = secret.fingerprint();
        this.file = folder == null ? null : new TokenFile(ports, folder, call.account());
    }

    private long now() {
        return ports.time().now().toEpochMilli();
    }

    /** A token that is good, as far as known; blocks while one is asked for. */
    Secret current() throws InterruptedException {
        gate.lock();
        try {
            while (!good(now())) {
                if (!asking) {
                    asking = true;
                    break;
                }
                gate.await(Long.MAX_VALUE);
            }
            if (good(now())) {
                return secret();
            }
        } finally {
            gate.unlock();
        }
        return replaced(null);
    }

    private boolean good(long now) {
        return !asking && (kept.fresh(with, now) || (kept.usable(with, now) && now < restUntil));
    }

    private Secret secret() {
        return TokenCall.secret(kept.token());
    }

    /** A call was accepted with a token. */
    void accepted() {
        changed(false);
    }

    private void changed(boolean now) {
        gate.lock();
        try {
            replaced = now;
        } finally {
            gate.unlock();
        }
    }

    /** Another token than one with which a call was refused; empty if it is no use to try. */
    Optional<Secret> instead(Secret refused) throws InterruptedException {
        gate.lock();
        try {
            while (asking) {
                gate.await(Long.MAX_VALUE);
            }
            if (kept.usable(with, now()) && !refused.reveal().equals(kept.token())) {
                return Optional.of(secret());
            }
            asking = true;
        } finally {
            gate.unlock();
        }
        return Optional.ofNullable(other(refused.reveal()));
    }

    private @Nullable Secret other(String refused) throws InterruptedException {
        Kept found = null;
        boolean mayAsk;
        try {
            Kept stored = stored();
            if (stored.usable(with, now()) && !refused.equals(stored.token())) {
                found = stored;
            }
            mayAsk = stored.old(now()) && stored.left(now()) >= RESERVE && !replaced;
        } catch (IOException e) {
            LOG.warn("cannot read the kept Guesty token: {}", e.getMessage());
            mayAsk = false;
        } finally {
            if (found != null) {
                done(found);
            }
        }
        if (found != null) {
            return TokenCall.secret(found.token());
        }
        if (!mayAsk) {
            done(null);
            return null;
        }
        return replaced(refused);
    }

    /** Asks for a token, or takes what another process was given meanwhile; this thread is the one that asks. */
    private Secret replaced(@Nullable String refused) throws InterruptedException {
        Kept next = null;
        try {
            next = next(refused);
            return TokenCall.secret(next.token());
        } catch (TransientException e) {
            if (refused == null && stillUsable()) {
                LOG.warn("the Guesty token ends soon and no other could be had: {}", e.getMessage());
                return secret();
            }
            throw e;
        } finally {
            done(next);
            if (next != null && refused != null) {
                changed(true);
            }
        }
    }

    /** While this thread asks, no other changes what is kept. */
    private boolean stillUsable() {
        long now = now();
        if (!kept.usable(with, now)) {
            return false;
        }
        restUntil = now + REST;
        return true;
    }

    private void done(@Nullable Kept next) {
        gate.lock();
        try {
            if (next != null) {
                kept = next;
            }
            asking = false;
            gate.changed();
        } finally {
            gate.unlock();
        }
    }

    private Kept stored() throws IOException {
        return file == null ? kept : file.read();
    }

    private Kept next(@Nullable String refused) throws InterruptedException {
        if (file == null) {
            return ask(kept);
        }
        try {
            Kept stored = file.read();
            if (fresh(stored, refused)) {
                return stored;
            }
            known(stored);
            Hold hold = file.hold(PATIENCE);
            try {
                stored = file.read();
                if (fresh(stored, refused)) {
                    return stored;
                }
                known(stored);
                return ask(stored);
            } finally {
                hold.close();
            }
        } catch (BackfillException.Held e) {
            throw new TransientException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new TransientException("cannot keep the Guesty token in " + file + ": " + e.getMessage(), e);
        }
    }

    /** The token of another process, to be used on if no new one can be had. */
    private void known(Kept stored) {
        gate.lock();
        try {
            if (stored.usable(with, now())) {
                kept = stored;
            }
        } finally {
            gate.unlock();
        }
    }

    private boolean fresh(Kept stored, @Nullable String refused) {
        return stored.fresh(with, now()) && !String.valueOf(stored.token()).equals(refused);
    }

    private Kept ask(Kept stored) throws InterruptedException {
        long now = now();
        long latest = now + TokenCall.TIMEOUT.toMillis();
        Kept before = stored.upTo(latest);
        long allowed = before.allowedAt(now);
        if (allowed > now) {
            if (!before.equals(stored)) {
                storeIfPossible(before); // or it would be late for ever
            }
            throw new TransientException(
                    (before.notBefore() >= allowed
                                    ? "Guesty gives no token now"
                                    : "the " + Kept.BUDGET + " tokens that Guesty gives in a day are spent")
                            + "; the next may be asked for at " + Kept.inWords(allowed)
                            + (file == null ? ". Keep the token in a folder by keptIn(…), for all processes" : ""),
                    Duration.ofMillis(allowed - now));
        }
        Kept asked = before.asking(now, latest);
        try {
            store(asked); // before the call: it counts also if this process dies over it
        } catch (IOException e) {
            throw new TransientException("cannot note in " + file + " that a token is asked for: " + e.getMessage(), e);
        }
        Kept after;
        try {
            TokenCall.Given given = call.ask();
            after = asked.given(given.token(), with, now(), given.life().toMillis());
        } catch (TokenCall.Denied e) {
            storeIfPossible(
                    asked.denied(e.after().map(rest -> now() + rest.toMillis()).orElse(before.notBefore())));
            throw e.meaning();
        } catch (
                TransientException
                        e) { // nobody knows whether a token was given: the next is asked for after longer and longer
            storeIfPossible(asked.unanswered(now()));
            throw e;
        }
        storeIfPossible(after);
        return after;
    }

    private void store(Kept next) throws IOException {
        if (file != null) {
            file.write(next);
        } else {
            kept = next;
        }
    }

    private void storeIfPossible(Kept next) {
        try {
            store(next);
        } catch (IOException e) {
            LOG.warn("cannot keep the Guesty token for other processes in {}: {}", file, e.getMessage());
        }
    }
}
