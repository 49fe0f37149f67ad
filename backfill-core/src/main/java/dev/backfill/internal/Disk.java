package dev.backfill.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Files, in the few ways that durable progress needs. Never follows a link in the last place of a path. */
public interface Disk {

    /** Makes a folder for the owner only, with its parents, unless it is there. */
    void folder(Path folder) throws IOException;

    /** Makes a folder inside one that is there, for the owner only, unless it is there; a link in its place is refused. */
    void subfolder(Path folder) throws IOException;

    /** Whether anything is there under this name. */
    boolean exists(Path path);

    /** The names of what is in a folder, in no order; none if there is no such folder. */
    List<String> list(Path folder) throws IOException;

    /** How many bytes a file has. */
    long size(Path file) throws IOException;

    /** The whole of a file. */
    byte[] read(Path file) throws IOException;

    /** So many bytes from that place on, or fewer at the end of the file. */
    byte[] read(Path file, long from, int most) throws IOException;

    /** Makes a file that must not be there, for the owner only, to be written from its beginning. */
    Writing create(Path file) throws IOException;

    /** Opens a file to be written on from this length; what is behind it is cut off. */
    Writing append(Path file, long length) throws IOException;

    /** Gives a file a second name that must not be there. */
    void link(Path file, Path second) throws IOException;

    /** Gives a file another name in one step; what has that name is gone. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a file if it is there. */
    void delete(Path file) throws IOException;

    /** Makes creations, links and renames in a folder survive a loss of power. */
    void sync(Path folder) throws IOException;

    /** Takes the kernel's lock on a file, which is made if absent; empty if another process or another part of this one has it. */
    Optional<Lock> lock(Path file) throws IOException;

    /** A file being written. */
    interface Writing extends AutoCloseable {

        /** Writes all bytes; they survive the death of the process. */
        void write(byte[] bytes) throws IOException;

        /** Makes what was written survive a loss of power. */
        void sync() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** A kernel lock; gone when it is closed or the process ends. */
    interface Lock extends AutoCloseable {

        @Override
        void close() throws IOException;
    }
}
