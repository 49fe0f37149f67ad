package dev.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.internal.Disk;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a limiter reads of the calls that earlier processes have spent. */
class SpendTest {

    static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final RateLimiter.Limit LIMIT = new RateLimiter.Limit(640, Duration.ofHours(1)); // by tens
    private static final String FILE = "calls-api.jsonl";

    @TempDir
    Path temp;

    /** The machine with this disk, at that moment. */
    private static Ports at(Instant now, Disk disk) {
        Time time = Ports.REAL.time();
        return new Ports(
                new Time() {
                    @Override
                    public long nanos() {
                        return time.nanos();
                    }

                    @Override
                    public Instant now() {
                        return now;
                    }

                    @Override
                    public void sleep(long nanos) throws InterruptedException {
                        time.sleep(nanos);
                    }

                    @Override
                    public double random() {
                        return time.random();
                    }
                },
                disk,
                Ports.REAL.tasks());
    }

    /** A disk on which there is one file, and on which nothing that is written is kept. */
    private static Disk holding(byte[] file) {
        Disk.Writing nowhere = new Disk.Writing() {
            @Override
            public void write(byte[] bytes) {}

            @Override
            public void sync() {}

            @Override
            public void close() {}
        };
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(),
                new Class<?>[] {Disk.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "exists" -> arguments[0].toString().endsWith(FILE);
                    case "read" -> file;
                    case "create" -> nowhere;
                    case "lock" -> Optional.of((Disk.Lock) () -> {});
                    default -> null;
                });
    }

    private static Spend open(Path folder, Ports ports) {
        return Spend.open(ports, folder, "api", List.of(LIMIT));
    }

    /** How many calls are left at that moment; none if it begins paced, since nothing is known of what was spent. */
    private static int left(byte[] file, Instant now) {
        Spend spend = open(Path.of("limits"), at(now, holding(file)));
        Slots window = new Slots(LIMIT);
        spend.restore(0, List.of(window));
        spend.close();
        return spend.damaged() ? 0 : window.free(0);
    }

    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

    /** What a process leaves that dies at noon, when it has made 25 calls of which 20 have ended. Ten at a time are set aside. */
    static void fill(Path folder) throws IOException {
        Spend spend = open(folder, at(NOON, Ports.REAL.disk()));
        for (int i = 0; i < 25; i++) {
            spend.use();
            if (i < 20) {
                spend.ended();
            }
        }
        byte[] left = Files.readAllBytes(folder.resolve(FILE));
        spend.close();
        Files.write(folder.resolve(FILE), left);
    }

    @Test
    void readsWhatEachVersionHasSpent() throws IOException {
        try (Stream<Path> versions = Files.list(GOLDEN)) {
            List<Path> all = versions.toList();
            assertThat(all).isNotEmpty();
            for (Path version : all) {
                byte[] file = Files.readAllBytes(version.resolve("limits").resolve(FILE));
                assertThat(left(file, NOON.plus(Duration.ofMinutes(30)))).isEqualTo(640 - 30);
                assertThat(left(file, NOON.plus(Duration.ofMinutes(61)))).isEqualTo(640 - 10);
            }
        }
    }

    /** No bit can flip, and nothing be cut off, so that more calls would be made than the limit allows. */
    @Test
    void forgetsNoCallWhateverBitFlipsAndWhereverTheFileIsCut() throws IOException {
        fill(temp);
        byte[] whole = Files.readAllBytes(temp.resolve(FILE));
        Instant later = NOON.plus(Duration.ofMinutes(30));
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(left(flipped, later))
                    .as("bit %s of byte %s", bit % 8, bit / 8)
                    .isLessThanOrEqualTo(640 - 30);
        }
        int lastLine = new String(whole, StandardCharsets.UTF_8).lastIndexOf("\n{") + 1;
        for (int length = lastLine + 1; length < whole.length; length++) {
            assertThat(left(Arrays.copyOf(whole, length), later))
                    .as("cut to %s bytes", length)
                    .isLessThanOrEqualTo(640 - 30);
        }
    }
}
