package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Each check of the contracts of sources catches something that no other thing is needed for. */
class WrongSourcesTest {

    private static final String TOKEN = "S3CR3T/token";

    /** Numbers as lists, so that they can be changed after they were given. */
    private static List<Object> numbers(int first, int last) {
        List<Object> numbers = new ArrayList<>();
        for (int i = first; i < last; i++) {
            numbers.add(new ArrayList<>(List.of(i + 1_000)));
        }
        return numbers;
    }

    private static Page<Object> page(int start) {
        int end = Math.min(start + 10, 45);
        return start >= 45 ? Page.last(List.of()) : Page.of(numbers(start, end), end);
    }

    private static final Source<Object> RIGHT = from -> page(from.orElse(0));

    /** A contract over one source, all of whose hooks are given. */
    private static final class Checked extends SourceContract<Object> {
        private final Supplier<Source<Object>> source;
        private Source<Object> broken = from -> {
            throw new IOException("nobody listens");
        };
        private Source<Object> empty = from -> Page.last(List.of());

        Checked(Supplier<Source<Object>> source) {
            this.source = source;
        }

        static Supplier<Checked> of(Source<Object> source) {
            return () -> new Checked(() -> source);
        }

        static Supplier<Checked> broken(Source<Object> broken) {
            return () -> {
                Checked checked = new Checked(() -> RIGHT);
                checked.broken = broken;
                return checked;
            };
        }

        @Override
        protected Source<Object> source() {
            return source.get();
        }

        @Override
        protected List<Object> expected() {
            return numbers(0, 45);
        }

        @Override
        protected Source<Object> broken() {
            return broken;
        }

        @Override
        protected Source<Object> empty() {
            return empty;
        }

        @Override
        protected List<String> secrets() {
            return List.of(TOKEN);
        }
    }

    /** The right source, saying something wrong of itself. */
    private static class Saying implements Source<Object> {
        @Override
        public Page<Object> read(Cursor from) throws Exception {
            return RIGHT.read(from);
        }
    }

    private static Map<String, Supplier<?>> sources() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put(
                "leaves the last out",
                Checked.of(from -> from.orElse(0) == 40 ? Page.last(numbers(40, 44)) : RIGHT.read(from)));
        wrong.put(
                "gives more", Checked.of(from -> from.orElse(0) == 40 ? Page.last(numbers(40, 46)) : RIGHT.read(from)));
        wrong.put("gives all at once", Checked.of(from -> Page.last(numbers(0, 45))));
        wrong.put(
                "comes back",
                Checked.of(from -> from.orElse(0) == 40 ? Page.of(numbers(40, 45), 10) : RIGHT.read(from)));
        wrong.put("counts for itself", () -> {
            AtomicInteger at = new AtomicInteger();
            return new Checked(() -> from -> page(at.getAndAdd(10)));
        });
        wrong.put(
                "begins anew in another process",
                () -> new Checked(() -> {
                    AtomicInteger at = new AtomicInteger();
                    return from -> page(at.getAndAdd(10));
                }));
        wrong.put("knows its thread", Checked.of(new Source<>() {
            private final Map<Thread, Integer> before = new ConcurrentHashMap<>();

            @Override
            public Page<Object> read(Cursor from) {
                int start = from.orElse(0);
                Page<Object> page = start == before.getOrDefault(Thread.currentThread(), 0)
                        ? page(start)
                        : Page.of(List.of(), start + 10);
                before.put(Thread.currentThread(), start + 10);
                return page;
            }
        }));
        wrong.put("swallows an interrupt", Checked.of(from -> {
            Thread.interrupted();
            return RIGHT.read(from);
        }));
        wrong.put("uses its records again", () -> {
            List<Object> one = numbers(0, 10);
            return new Checked(() -> from -> {
                Page<Object> page = RIGHT.read(from);
                List<Object> reused = new ArrayList<>();
                for (int i = 0; i < page.items().size(); i++) {
                    @SuppressWarnings("unchecked")
                    List<Object> record = (List<Object>) one.get(i);
                    record.set(0, ((List<?>) page.items().get(i)).get(0));
                    reused.add(record);
                }
                return new Page<>(reused, page.next(), page.total());
            });
        });
        wrong.put("keeps all", () -> {
            List<Object> all = new ArrayList<>();
            return new Checked(() -> from -> {
                Page<Object> page = RIGHT.read(from);
                all.addAll(page.items());
                return page;
            });
        });
        wrong.put("gathers in the cursor", Checked.of(from -> {
            List<?> seen = from.orElse(List.of());
            Page<Object> page = page(seen.size());
            List<Object> more = new ArrayList<>(seen);
            page.items()
                    .forEach(item ->
                            more.add("the record that was " + item + " is one that was seen " + "x".repeat(100)));
            return page.next().isEmpty() ? page : Page.of(page.items(), more);
        }));
        wrong.put(
                "takes any cursor for the start",
                Checked.of(from -> page(from.json().matches("\\d+") ? from.orElse(0) : 0)));
        wrong.put(
                "asks where it is",
                Checked.of(from -> page(ZoneId.systemDefault().getId().startsWith("Pacific/") ? 45 : from.orElse(0))));
        wrong.put(
                "prints in the machine's language",
                Checked.of(from -> page("%d".formatted(1).equals("1") ? from.orElse(0) : 45)));
        wrong.put("tells any total", Checked.of(from -> RIGHT.read(from).withTotal(7)));
        wrong.put("asks no limiter", Checked.of(new Saying() {
            private final RateLimiter limiter = RateLimiter.of(100, Duration.ofSeconds(1));

            @Override
            public Optional<RateLimiter> limiter() {
                return Optional.of(limiter);
            }
        }));
        wrong.put(
                "is another in each process",
                () -> new Checked(() -> new Saying() {
                    @Override
                    public String definition() {
                        return "source " + System.identityHashCode(this);
                    }
                }));
        wrong.put("fails over nothing", () -> {
            Checked checked = new Checked(() -> RIGHT);
            checked.empty = from -> Page.of(List.of(), List.of().get(0));
            return checked;
        });
        wrong.put("invents records", () -> {
            Checked checked = new Checked(() -> RIGHT);
            checked.empty = from -> Page.last(numbers(0, 1));
            return checked;
        });
        wrong.put("swallows errors", Checked.broken(from -> Page.last(List.of())));
        wrong.put("swallows errors later", Checked.broken(from -> {
            if (from.isStart()) {
                throw new IOException("nobody listens");
            }
            return Page.last(List.of());
        }));
        wrong.put("gives up at once", Checked.broken(from -> {
            throw new IllegalStateException("nobody listens");
        }));
        wrong.put("tells its token when it fails", Checked.broken(from -> {
            throw new IOException("no answer", new IOException("GET /?key=S3CR3T%2Ftoken"));
        }));
        wrong.put("tells its token", Checked.of(new Saying() {
            @Override
            public String toString() {
                return "orders of " + TOKEN;
            }
        }));
        wrong.put("keeps its token in the cursor", Checked.of(from -> {
            Page<Object> page =
                    page(from.as(List.class).map(it -> (Integer) it.get(0)).orElse(0));
            return page.next().isEmpty()
                    ? page
                    : Page.of(page.items(), List.of(page.next().get().orElse(0), TOKEN));
        }));
        return wrong;
    }

    private static Partitioned<Object> parts(Partition<Object> first, Partition<Object> second) {
        return () -> List.of(first, second);
    }

    private static Partition<Object> part(String name, int first, int last) {
        return Partition.of(name, part(first, last));
    }

    private static Source<Object> part(int first, int last) {
        return from -> {
            int start = from.orElse(first);
            int end = Math.min(start + 10, last);
            return start >= last ? Page.last(List.of()) : Page.of(numbers(start, end), end);
        };
    }

    private static final class InParts extends PartitionedContract<Object> {
        private final Supplier<Partitioned<Object>> source;

        InParts(Supplier<Partitioned<Object>> source) {
            this.source = source;
        }

        static Supplier<InParts> of(Partition<Object> first, Partition<Object> second) {
            return () -> new InParts(() -> parts(first, second));
        }

        @Override
        protected Partitioned<Object> source() {
            return source.get();
        }

        @Override
        protected List<Object> expected() {
            return numbers(0, 45);
        }

        @Override
        protected List<String> secrets() {
            return List.of(TOKEN);
        }
    }

    private static Map<String, Supplier<?>> partitioned() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put("loses one at the edge", InParts.of(part("a", 0, 19), part("b", 20, 45)));
        wrong.put("gives more", InParts.of(part("a", 0, 20), part("b", 20, 46)));
        wrong.put("is one part", InParts.of(part("a", 0, 45), part("b", 45, 45)));
        wrong.put("overlaps", InParts.of(part("a", 0, 25), part("b", 20, 45)));
        wrong.put("has one name twice", InParts.of(part("a", 0, 20), part("a", 20, 45)));
        AtomicInteger names = new AtomicInteger();
        wrong.put(
                "counts its names",
                () -> new InParts(() -> () -> parts(part("a" + names.incrementAndGet(), 0, 20), part("b", 20, 45))
                        .partitions()));
        wrong.put(
                "loses what it knew",
                () -> new InParts(() -> new Partitioned<>() {
                    @Override
                    public List<Partition<Object>> partitions() {
                        return List.of(part("a", 0, 20), part("b", 20, 45));
                    }

                    @Override
                    public List<Partition<Object>> partitions(List<String> known) {
                        return known.isEmpty() ? partitions() : List.of(part("c", 0, 45));
                    }
                }));
        wrong.put("keeps one place for all parts", () -> {
            AtomicInteger at = new AtomicInteger();
            Source<Object> shared = from -> page(at.getAndAdd(10));
            return new InParts(() -> parts(Partition.of("a", shared), Partition.of("b", shared)));
        });
        wrong.put("is at home in one thread", () -> {
            Thread home = Thread.currentThread();
            return InParts.of(
                            Partition.of(
                                    "a",
                                    from -> Thread.currentThread() == home
                                            ? part(0, 20).read(from)
                                            : Page.last(List.of())),
                            part("b", 20, 45))
                    .get();
        });
        wrong.put("cannot be read from its end", InParts.of(part("a", 0, 20).endingAt("the end"), part("b", 20, 45)));
        wrong.put(
                "is open with no place to go on from",
                InParts.of(new Partition<>("a", part(0, 20), Optional.empty(), true), part("b", 20, 45)));
        wrong.put(
                "names days of the machine",
                () -> new InParts(() -> parts(
                        part(
                                "a of "
                                        + LocalDate.ofInstant(
                                                java.time.Instant.parse("2024-01-01T10:30:00Z"),
                                                ZoneId.systemDefault()),
                                0,
                                20),
                        part("b", 20, 45))));
        wrong.put(
                "names in the machine's language",
                () -> new InParts(() -> parts(part("a %d".formatted(1), 0, 20), part("b", 20, 45))));
        wrong.put(
                "is another in each process",
                () -> new InParts(() -> new Partitioned<>() {
                    @Override
                    public List<Partition<Object>> partitions() {
                        return List.of(part("a", 0, 20), part("b", 20, 45));
                    }

                    @Override
                    public String definition() {
                        return "source " + System.identityHashCode(this);
                    }
                }));
        wrong.put("is called like its token", InParts.of(part("a " + TOKEN, 0, 20), part("b", 20, 45)));
        wrong.put(
                "begins anew in another process",
                () -> new InParts(() -> {
                    AtomicInteger at = new AtomicInteger();
                    return parts(
                            Partition.of("a", from -> part(0, 20).read(Cursor.of(10 * at.getAndIncrement()))),
                            part("b", 20, 45));
                }));
        return wrong;
    }

    @Test
    void eachCheckOfASourceCatchesSomething() throws Exception {
        assertThat(Checks.failures(Checked.of(RIGHT))).isEmpty();
        assertThat(Checks.caughtBy(sources())).containsAll(Checks.names(SourceContract.class));
    }

    @Test
    void eachCheckOfASourceInPartsCatchesSomething() throws Exception {
        assertThat(Checks.failures(InParts.of(part("a", 0, 20), part("b", 20, 45))))
                .isEmpty();
        assertThat(Checks.caughtBy(partitioned())).containsAll(Checks.names(PartitionedContract.class));
    }
}
