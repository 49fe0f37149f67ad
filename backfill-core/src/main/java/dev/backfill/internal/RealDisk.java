package dev.backfill.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** The machine's files. */
final class RealDisk implements Disk {

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    /**
     * What this process has locked. POSIX gives a lock up as soon as the process closes any handle of the file, so a second
     * attempt inside the process must not even open it.
     */
    private final Set<Path> locked = ConcurrentHashMap.newKeySet();

    @Override
    public void folder(Path folder) throws IOException {
        Files.createDirectories(folder, owner("rwx------"));
    }

    @Override
    public void subfolder(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createDirectory(folder, owner("rwx------"));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) { // else another thread has made it meanwhile
                throw e;
            }
        }
    }

    @Override
    public long size(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .size();
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public byte[] read(Path file) throws IOException {
        try (FileChannel channel = open(file, StandardOpenOption.READ)) {
            return Channels.newInputStream(channel).readAllBytes();
        }
    }

    @Override
    public byte[] read(Path file, long from, int most) throws IOException {
        try (FileChannel channel = open(file, StandardOpenOption.READ)) {
            long left = Math.max(0, channel.size() - from);
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, left));
            channel.position(from);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until it is full
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    @Override
    public Writing create(Path file) throws IOException {
        return writing(open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
    }

    @Override
    public Writing append(Path file, long length) throws IOException {
        FileChannel channel = open(file, StandardOpenOption.WRITE);
        channel.truncate(length);
        channel.position(length);
        return writing(channel);
    }

    @Override
    public void link(Path file, Path second) throws IOException {
        Files.createLink(second, file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void sync(Path folder) throws IOException {
        if (POSIX) { // Windows cannot open a folder, and needs no sync of it
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public Optional<Lock> lock(Path file) throws IOException {
        Path key = file.toAbsolutePath().resolveSibling("").toRealPath().resolve(file.getFileName());
        if (!locked.add(key)) {
            return Optional.empty();
        }
        boolean taken = false;
        try {
            FileChannel channel = open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            try {
                taken = channel.tryLock() != null;
            } finally {
                if (!taken) {
                    channel.close();
                }
            }
            AtomicBoolean held = new AtomicBoolean(true);
            return taken ? Optional.of(() -> release(held, key, channel)) : Optional.empty();
        } finally {
            if (!taken) {
                locked.remove(key);
            }
        }
    }

    private void release(AtomicBoolean held, Path key, FileChannel channel) throws IOException {
        if (!held.compareAndSet(true, false)) {
            return; // closed once more: by now the lock may be another's
        }
        try {
            channel.close();
        } finally {
            locked.remove(key);
        }
    }

    private static FileChannel open(Path file, OpenOption... options) throws IOException {
        Set<OpenOption> all = new java.util.HashSet<>(List.of(options));
        all.add(LinkOption.NOFOLLOW_LINKS);
        if (Files.isSymbolicLink(file)) {
            throw new IOException(file + " is a link, which is not followed; put the file itself there");
        }
        return FileChannel.open(file, all, owner("rw-------"));
    }

    private static FileAttribute<?>[] owner(String permissions) {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static Writing writing(FileChannel channel) {
        return new Writing() {
            @Override
            public void write(byte[] bytes) throws IOException {
                writeFully(channel, bytes);
            }

            @Override
            public void sync() throws IOException {
                channel.force(false);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    private static void writeFully(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
