package dev.backfill.testkit;

import dev.backfill.internal.Disk;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Files in memory that survive a simulated crash, and of which a loss of power takes what was not synced. */
final class VirtualDisk implements Disk {

    private static final class Inode {
        private byte[] bytes = new byte[0];
        private int synced;
    }

    private final Map<Path, Inode> names = new TreeMap<>();
    private final Map<Path, Inode> durableNames = new TreeMap<>();
    private final Set<Path> locks = new HashSet<>();
    private final World world;

    VirtualDisk(World world) {
        this.world = world;
    }

    /** The kernel frees the locks of a dead process. */
    void processDied() {
        locks.clear();
    }

    /** Takes back names that were not synced, and some part of what was not synced inside files. */
    void powerLost(SplittableRandom random) {
        processDied();
        names.clear();
        names.putAll(durableNames);
        for (Inode inode : names.values()) {
            int left = inode.synced + random.nextInt(inode.bytes.length - inode.synced + 1);
            inode.bytes = Arrays.copyOf(inode.bytes, left);
            inode.synced = left;
        }
    }

    private Inode inode(Path path) throws NoSuchFileException {
        Inode inode = names.get(path);
        if (inode == null) {
            throw new NoSuchFileException(path.toString());
        }
        return inode;
    }

    @Override
    public void folder(Path folder) throws IOException {
        world.io("make folder", () -> {});
    }

    @Override
    public void subfolder(Path folder) throws IOException {
        folder(folder);
    }

    @Override
    public long size(Path file) throws IOException {
        return inode(file).bytes.length;
    }

    @Override
    public boolean exists(Path path) {
        return names.containsKey(path);
    }

    @Override
    public List<String> list(Path folder) {
        return names.keySet().stream()
                .filter(path -> folder.equals(path.getParent()))
                .map(path -> path.getFileName().toString())
                .toList();
    }

    @Override
    public byte[] read(Path file) throws IOException {
        return inode(file).bytes.clone();
    }

    @Override
    public byte[] read(Path file, long from, int most) throws IOException {
        byte[] bytes = inode(file).bytes;
        int start = (int) Math.min(from, bytes.length);
        return Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + most));
    }

    @Override
    public Writing create(Path file) throws IOException {
        if (names.containsKey(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Inode inode = new Inode();
        world.io("create " + file.getFileName(), () -> names.put(file, inode));
        return new Handle(file, inode);
    }

    @Override
    public Writing append(Path file, long length) throws IOException {
        Inode inode = inode(file);
        world.io("cut " + file.getFileName(), () -> {
            inode.bytes = Arrays.copyOf(inode.bytes, (int) length);
            inode.synced = Math.min(inode.synced, (int) length);
        });
        return new Handle(file, inode);
    }

    @Override
    public void link(Path file, Path second) throws IOException {
        Inode inode = inode(file);
        if (names.containsKey(second)) {
            throw new FileAlreadyExistsException(second.toString());
        }
        world.io("link " + second.getFileName(), () -> names.put(second, inode));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Inode inode = inode(from);
        world.io("rename to " + to.getFileName(), () -> {
            names.remove(from);
            names.put(to, inode);
        });
    }

    @Override
    public void delete(Path file) throws IOException {
        if (names.containsKey(file)) {
            world.io("delete " + file.getFileName(), () -> names.remove(file));
        }
    }

    @Override
    public void sync(Path folder) throws IOException {
        world.io("sync folder", () -> {
            durableNames.keySet().removeIf(path -> folder.equals(path.getParent()));
            names.forEach((path, inode) -> {
                if (folder.equals(path.getParent())) {
                    durableNames.put(path, inode);
                }
            });
        });
    }

    @Override
    public Optional<Lock> lock(Path file) {
        return locks.add(file) ? Optional.of(() -> locks.remove(file)) : Optional.empty();
    }

    private final class Handle implements Writing {

        private final Path file;
        private @Nullable Inode inode;

        Handle(Path file, Inode inode) {
            this.file = file;
            this.inode = inode;
        }

        private Inode open() throws FileNotFoundException {
            if (inode == null) {
                throw new FileNotFoundException(file + " is closed");
            }
            return inode;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            Inode to = open();
            world.io(
                    "write " + file.getFileName(),
                    () -> put(to, bytes, bytes.length),
                    () -> put(to, bytes, bytes.length / 2));
        }

        private static void put(Inode inode, byte[] bytes, int length) {
            byte[] longer = Arrays.copyOf(inode.bytes, inode.bytes.length + length);
            System.arraycopy(bytes, 0, longer, inode.bytes.length, length);
            inode.bytes = longer;
        }

        @Override
        public void sync() throws IOException {
            Inode to = open();
            world.io("sync " + file.getFileName(), () -> to.synced = to.bytes.length);
        }

        @Override
        public void close() {
            inode = null;
        }
    }
}
