package dev.backfill.testkit;

import dev.backfill.internal.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A disk of a world that may refuse each change, and tells when a file is used on whose sync has failed. */
final class WeakDisk implements Disk {

    /** What the test does before a change: nothing, or an {@link IOException}. */
    @FunctionalInterface
    interface Before {
        void change(String what) throws IOException;
    }

    private final Disk disk;
    private final Before before;

    WeakDisk(Disk disk, Before before) {
        this.disk = disk;
        this.before = before;
    }

    @Override
    public void folder(Path folder) throws IOException {
        before.change("folder");
        disk.folder(folder);
    }

    @Override
    public void subfolder(Path folder) throws IOException {
        before.change("folder");
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
        return disk.read(file);
    }

    @Override
    public byte[] read(Path file, long from, int most) throws IOException {
        return disk.read(file, from, most);
    }

    @Override
    public Writing create(Path file) throws IOException {
        before.change("create");
        return weak(disk.create(file));
    }

    @Override
    public Writing append(Path file, long length) throws IOException {
        before.change("append");
        return weak(disk.append(file, length));
    }

    @Override
    public void link(Path file, Path second) throws IOException {
        before.change("link");
        disk.link(file, second);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        before.change("rename");
        disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        before.change("delete");
        disk.delete(file);
    }

    @Override
    public void sync(Path folder) throws IOException {
        before.change("sync folder");
        disk.sync(folder);
    }

    @Override
    public Optional<Lock> lock(Path file) throws IOException {
        return disk.lock(file);
    }

    private Writing weak(Writing writing) {
        return new Writing() {
            private boolean failed;

            @Override
            public void write(byte[] bytes) throws IOException {
                trusted();
                before.change("write");
                writing.write(bytes);
            }

            @Override
            public void sync() throws IOException {
                trusted();
                try {
                    before.change("sync");
                } catch (IOException e) {
                    failed = true;
                    throw e;
                }
                writing.sync();
            }

            /** After a failed sync the kernel may have forgotten what was written, and say of the next that it went well. */
            private void trusted() {
                if (failed) {
                    throw new AssertionError("a file is used on after its sync had failed");
                }
            }

            @Override
            public void close() throws IOException {
                writing.close();
            }
        };
    }
}
