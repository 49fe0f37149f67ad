package dev.backfill.testkit;

import dev.backfill.internal.Disk;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;

/** Ports of a machine that is odd in one way, around those of a world. */
final class OddPorts {

    /** What an odd disk does before it touches a file. */
    @FunctionalInterface
    interface Before {
        void touch(String what) throws IOException;
    }

    private OddPorts() {}

    /** A machine whose clocks tell something else, and whose timers wait for another time than they are told. */
    static Ports clocks(Ports ports, LongUnaryOperator nanos, UnaryOperator<Instant> now, LongUnaryOperator wait) {
        Time time = new Time() {
            @Override
            public long nanos() {
                return nanos.applyAsLong(ports.time().nanos());
            }

            @Override
            public Instant now() {
                return now.apply(ports.time().now());
            }

            @Override
            public void sleep(long length) throws InterruptedException {
                ports.time().sleep(wait.applyAsLong(length));
            }

            @Override
            public double random() {
                return ports.time().random();
            }
        };
        Tasks tasks = new Tasks() {
            @Override
            public Task start(String name, ThreadFactory threads, Runnable body) {
                return ports.tasks().start(name, threads, body);
            }

            @Override
            public Load load() {
                return () -> false;
            }

            @Override
            public Gate gate() {
                return waiting(ports.tasks().gate(), wait);
            }
        };
        return new Ports(time, ports.disk(), tasks);
    }

    private static Tasks.Gate waiting(Tasks.Gate gate, LongUnaryOperator wait) {
        return new Tasks.Gate() {
            @Override
            public void lock() {
                gate.lock();
            }

            @Override
            public void unlock() {
                gate.unlock();
            }

            @Override
            public void await(long nanos) throws InterruptedException {
                gate.await(nanos == Long.MAX_VALUE ? nanos : wait.applyAsLong(nanos));
            }

            @Override
            public void changed() {
                gate.changed();
            }
        };
    }

    /** A machine whose disk does something before each write, force or opening. */
    static Ports disk(Ports ports, Before before) {
        return disk(ports, before, true, () -> {}, () -> {});
    }

    /** A machine whose disk forces nothing, and tells of each file that is opened and closed. */
    static Ports hastyDisk(Ports ports, Runnable opened, Runnable closed) {
        return disk(ports, what -> {}, false, opened, closed);
    }

    private static Ports disk(Ports ports, Before before, boolean forces, Runnable opened, Runnable closed) {
        Disk disk = ports.disk();
        Disk odd = new Disk() {
            private Writing opened(Opening opening) throws IOException {
                before.touch("open");
                Writing writing = opening.open();
                opened.run();
                return new Writing() {
                    private boolean open = true;

                    @Override
                    public void write(byte[] bytes) throws IOException {
                        before.touch("write");
                        writing.write(bytes);
                    }

                    @Override
                    public void sync() throws IOException {
                        before.touch("sync");
                        if (forces) {
                            writing.sync();
                        }
                    }

                    @Override
                    public void close() throws IOException {
                        if (open) {
                            open = false;
                            closed.run();
                        }
                        writing.close();
                    }
                };
            }

            @Override
            public void folder(Path folder) throws IOException {
                disk.folder(folder);
            }

            @Override
            public void subfolder(Path folder) throws IOException {
                disk.subfolder(folder);
            }

            @Override
            public boolean exists(Path path) {
                return disk.exists(path);
            }

            @Override
            public List<String> list(Path folder) throws IOException {
                return disk.list(folder);
            }

            @Override
            public long size(Path file) throws IOException {
                return disk.size(file);
            }

            @Override
            public byte[] read(Path file) throws IOException {
                before.touch("open");
                return disk.read(file);
            }

            @Override
            public byte[] read(Path file, long from, int most) throws IOException {
                before.touch("open");
                return disk.read(file, from, most);
            }

            @Override
            public Writing create(Path file) throws IOException {
                return opened(() -> disk.create(file));
            }

            @Override
            public Writing append(Path file, long length) throws IOException {
                return opened(() -> disk.append(file, length));
            }

            @Override
            public void link(Path file, Path second) throws IOException {
                disk.link(file, second);
            }

            @Override
            public void rename(Path from, Path to) throws IOException {
                disk.rename(from, to);
            }

            @Override
            public void delete(Path file) throws IOException {
                disk.delete(file);
            }

            @Override
            public void sync(Path folder) throws IOException {
                before.touch("sync");
                if (forces) {
                    disk.sync(folder);
                }
            }

            @Override
            public Optional<Lock> lock(Path file) throws IOException {
                Optional<Lock> lock = disk.lock(file);
                return lock.map(held -> {
                    opened.run();
                    return () -> {
                        closed.run();
                        held.close();
                    };
                });
            }
        };
        return new Ports(ports.time(), odd, ports.tasks());
    }

    @FunctionalInterface
    private interface Opening {
        Disk.Writing open() throws IOException;
    }
}
