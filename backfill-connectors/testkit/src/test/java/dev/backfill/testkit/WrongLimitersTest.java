package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Call;
import dev.backfill.RateLimiter.Limit;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Each check of the contract of limiters catches something. */
class WrongLimitersTest {

    /** A limiter as it should be, of which each mistake changes one thing. */
    private static class Right implements RateLimiter {
        final RateLimiter right;

        Right(List<Limit> limits) {
            right = RateLimiter.of(limits.toArray(Limit[]::new));
        }

        @Override
        public Call acquire() throws InterruptedException {
            return right.acquire();
        }

        @Override
        public void quiet(Duration length) {
            right.quiet(length);
        }

        @Override
        public void remaining(long calls, Duration until) {
            right.remaining(calls, until);
        }
    }

    private static final class Checked extends LimiterContract {
        private final Function<List<Limit>, RateLimiter> making;

        Checked(Function<List<Limit>, RateLimiter> making) {
            this.making = making;
        }

        @Override
        protected RateLimiter limiter(List<Limit> limits) {
            return making.apply(limits);
        }
    }

    private static Supplier<Checked> of(Function<List<Limit>, RateLimiter> making) {
        return () -> new Checked(making);
    }

    private static List<Limit> times(List<Limit> limits, int factor) {
        return limits.stream()
                .map(it -> new Limit(it.calls() * factor, it.per()))
                .toList();
    }

    private static Map<String, Supplier<?>> limiters() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put("lets twice as much through", of(limits -> new Right(times(limits, 2))));
        wrong.put(
                "takes twice as long",
                of(limits -> new Right(limits.stream()
                        .map(it -> new Limit(it.calls(), it.per().multipliedBy(2)))
                        .toList())));
        wrong.put("counts what was never sent", of(limits -> new Right(limits) {
            @Override
            public Call acquire() throws InterruptedException {
                Call call = super.acquire();
                return call::close;
            }
        }));
        wrong.put("gives two permits back for one call", of(limits -> {
            RateLimiter first = new Right(limits);
            RateLimiter second = new Right(limits);
            boolean[] closedTwice = new boolean[1];
            return new Right(limits) {
                @Override
                public Call acquire() throws InterruptedException {
                    Call call = closedTwice[0] ? second.acquire() : first.acquire();
                    return new Call() {
                        private int closes;

                        @Override
                        public void close() {
                            closes++;
                            if (closes == 2) {
                                closedTwice[0] = !closedTwice[0];
                            }
                            call.close();
                        }
                    };
                }
            };
        }));
        wrong.put("swallows an interrupt", of(limits -> new Right(limits) {
            @Override
            public Call acquire() throws InterruptedException {
                try {
                    return super.acquire();
                } catch (InterruptedException e) {
                    return super.acquire(); // "it will come"
                }
            }
        }));
        wrong.put("keeps the permits of those that gave up", of(limits -> new Right(limits) {
            private int gaveUp;

            @Override
            public Call acquire() throws InterruptedException {
                try {
                    for (; gaveUp > 0; gaveUp--) {
                        super.acquire().close();
                    }
                    return super.acquire();
                } catch (InterruptedException e) {
                    gaveUp++;
                    throw e;
                }
            }
        }));
        wrong.put("is never quiet", of(limits -> new Right(limits) {
            @Override
            public void quiet(Duration length) {}
        }));
        wrong.put("is quiet for as long as was said last", of(limits -> new RateLimiter() {
            private RateLimiter right = new Right(limits);

            @Override
            public Call acquire() throws InterruptedException {
                return right.acquire();
            }

            @Override
            public void quiet(Duration length) {
                right = new Right(limits);
                right.quiet(length);
            }
        }));
        wrong.put("does not hear that nothing is left", of(limits -> new Right(limits) {
            @Override
            public void remaining(long calls, Duration until) {}
        }));
        wrong.put("believes the server that much is left", of(limits -> new RateLimiter() {
            private RateLimiter right = new Right(limits);

            @Override
            public Call acquire() throws InterruptedException {
                return right.acquire();
            }

            @Override
            public void quiet(Duration length) {
                right.quiet(length);
            }

            @Override
            public void remaining(long calls, Duration until) {
                if (calls > 0) {
                    right = new Right(limits);
                }
            }
        }));
        return wrong;
    }

    @Test
    void eachCheckOfALimiterCatchesSomething() throws Exception {
        assertThat(Checks.failures(of(Right::new))).isEmpty();
        List<String> checks = Checks.names(LimiterContract.class);
        checks.remove("servesEverybody"); // who is never served would be waited for
        assertThat(Checks.caughtBy(limiters())).containsAll(checks);
    }

    @Test
    void aLimiterWithAClockOfItsOwnIsCheckedInRealTime() throws Exception {
        LimiterContract real = new LimiterContract() {
            @Override
            protected RateLimiter limiter(List<Limit> limits) {
                return new Right(limits);
            }

            @Override
            protected boolean hasItsOwnClock() {
                return true;
            }
        };
        real.neverLetsMoreThroughThanAllowed();
        real.servesEverybody();
    }
}
