package dev.backfill.files;

import dev.backfill.internal.CheckedLine;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Json;
import dev.backfill.internal.Names;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The files that a sink makes: under their final names they are whole, and each has a manifest beside it.
 *
 * @param prefix what all names begin with
 * @param head what all files begin with
 */
record Outputs(Disk disk, Path folder, String prefix, String extension, boolean gzip, String head) {

    private static final String MANIFEST = ".manifest.json";
    private static final String WORK = ".part";
    private static final int BLOCK = 1 << 16;

    private byte[] headBytes() {
        return head.getBytes(StandardCharsets.UTF_8);
    }

    private String suffix() {
        return "." + extension + (gzip ? ".gz" : "");
    }

    private String name(String partition) {
        String encoded = Names.file(partition);
        if (Names.reserved(prefix + encoded + suffix())) { // by both together
            encoded = "%" + HexFormat.of().toHexDigits((byte) encoded.charAt(0)) + encoded.substring(1);
        }
        return prefix + encoded + suffix();
    }

    Path file(String partition) {
        return folder.resolve(name(partition));
    }

    Path manifestFile(String partition) {
        return folder.resolve(name(partition) + MANIFEST);
    }

    /** A view of what is there of a partition that is not finished, for people. */
    Path partialFile(String partition) {
        return folder.resolve(name(partition) + ".partial");
    }

    private Path workFolder() {
        return folder.resolve(".backfill");
    }

    WorkFile work(String partition) throws IOException {
        refuseLink();
        return new WorkFile(disk, workFolder().resolve(workPrefix() + Names.file(partition) + suffix() + WORK));
    }

    /** A link in the place of the work folder leads to what is not this sink's. */
    private void refuseLink() throws IOException {
        if (disk.exists(workFolder())) {
            disk.subfolder(workFolder());
        }
    }

    /** No name and no prefix has a tilde, so no prefix is taken for the beginning of a longer one. */
    private String workPrefix() {
        return prefix + "~";
    }

    /** Makes the folders; git is told to leave the inner one alone. */
    void make() throws IOException {
        disk.folder(folder);
        disk.subfolder(workFolder());
        try (Disk.Writing ignored = disk.create(workFolder().resolve(".gitignore"))) {
            ignored.write("*\n".getBytes(StandardCharsets.UTF_8));
        } catch (FileAlreadyExistsException e) {
            // from an earlier run, or by another partition at this moment
        }
    }

    // ---- what is whole

    /** The manifest of a partition whose file is as it says. */
    Optional<Manifest> whole(String partition) throws IOException {
        return whole(manifestFile(partition))
                .filter(manifest -> manifest.partition().equals(partition));
    }

    private Optional<Manifest> whole(Path manifestFile) throws IOException {
        Manifest manifest;
        try {
            byte[] line = disk.read(manifestFile);
            if (line.length == 0 || !CheckedLine.whole(Arrays.copyOf(line, line.length - 1))) {
                return Optional.empty();
            }
            manifest = Json.read(new String(line, StandardCharsets.UTF_8), Manifest.class);
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return Optional.empty();
        }
        String named = manifestFile.getFileName().toString();
        Path file = folder.resolve(named.substring(0, named.length() - MANIFEST.length()));
        return is(disk, file, manifest) ? Optional.of(manifest) : Optional.empty();
    }

    /** Whether a file is there and as a manifest says. */
    static boolean is(Disk disk, Path file, Manifest manifest) throws IOException {
        return disk.exists(file)
                && disk.size(file) == manifest.bytes()
                && hash(disk, file).equals(manifest.sha256());
    }

    /** The manifests of all files that are whole, in the order of their partitions. */
    List<Manifest> wholes() throws IOException {
        List<Manifest> wholes = new ArrayList<>();
        for (String name : disk.list(folder)) {
            if (name.startsWith(prefix) && name.endsWith(suffix() + MANIFEST)) {
                whole(folder.resolve(name))
                        .filter(manifest ->
                                name.equals(name(manifest.partition()) + MANIFEST)) // else of another prefix
                        .ifPresent(wholes::add);
            }
        }
        wholes.sort(Comparator.comparing(Manifest::partition));
        return wholes;
    }

    private static String hash(Disk disk, Path file) throws IOException {
        MessageDigest digest = sha256();
        long at = 0;
        for (byte[] block = disk.read(file, at, BLOCK); block.length > 0; block = disk.read(file, at, BLOCK)) {
            digest.update(block);
            at += block.length;
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** What of a file is not of this sink: all, if it has no manifest. */
    WorkFile.Base kept(String partition) throws IOException {
        if (!disk.exists(file(partition))) {
            return WorkFile.Base.NONE;
        }
        if (whole(partition).isEmpty()) {
            return all(partition);
        }
        WorkFile.@Nullable Base kept = Json.read(
                        new String(disk.read(manifestFile(partition)), StandardCharsets.UTF_8), Kept.class)
                .kept();
        return kept == null ? WorkFile.Base.NONE : kept;
    }

    /** What a manifest says besides, if rows of others stand first in the file. */
    private record Kept(WorkFile.@Nullable Base kept) {}

    /** How many rows and bytes a file has behind its head, if that is the head that this sink writes. */
    WorkFile.Base all(String partition) throws IOException {
        Optional<Manifest> manifest = whole(partition);
        long bytes = 0;
        long lines = 0;
        byte last = '\n';
        try (InputStream rows = rows(partition)) {
            byte[] block = new byte[BLOCK];
            for (int read = rows.read(block); read >= 0; read = rows.read(block)) {
                bytes += read;
                for (int i = 0; i < read; i++) {
                    lines += block[i] == '\n' ? 1 : 0;
                }
                last = read > 0 ? block[read - 1] : last;
            }
        }
        if (last != '\n') {
            throw new IllegalStateException(file(partition) + " cannot be written on: its last line has no end. Add a"
                    + " line feed, or say replacing()");
        }
        return new WorkFile.Base(manifest.map(Manifest::rows).orElse(lines), bytes);
    }

    /** A file behind its head. */
    private InputStream rows(String partition) throws IOException {
        InputStream rows = gzip ? new Unpacking(disk, file(partition)) : new Reading(disk, file(partition));
        byte[] begin = headBytes();
        if (!Arrays.equals(rows.readNBytes(begin.length), begin)) {
            throw new IllegalStateException(file(partition) + " does not begin as this sink's files do ("
                    + head.strip()
                    + "); move it away, or say replacing()");
        }
        return rows;
    }

    // ---- making files

    /** Makes a file of what came, lets it be seen under its name in one step, and then its manifest. Nothing is touched that is the same. */
    Manifest publish(String partition, WorkFile work, WorkFile.Title title, boolean open) throws IOException {
        Path file = file(partition);
        Path beside = beside(file);
        Made made = make(partition, beside, work, title.base(), true);
        Manifest manifest = new Manifest(
                partition, file.getFileName().toString(), made.all().rows(), made.bytes(), made.sha256(), open);
        if (disk.exists(file)
                && disk.size(file) == made.bytes()
                && hash(disk, file).equals(made.sha256())) {
            disk.delete(beside);
        } else {
            disk.rename(beside, file);
            disk.sync(folder);
        }
        ObjectNode kept = Json.mapper().valueToTree(manifest);
        if (title.kept().bytes() > 0) {
            kept.set("kept", Json.mapper().valueToTree(title.kept()));
        }
        keep(manifestFile(partition), kept);
        if (disk.exists(partialFile(partition))) {
            disk.delete(partialFile(partition));
        }
        work.begin(new WorkFile.Title(title.kept(), title.base(), title.replayed(), true), made.heads());
        return manifest;
    }

    /** Makes a file of what came so far, which is not taken for a whole one. */
    Path partial(String partition, WorkFile work, WorkFile.Title title) throws IOException {
        Path beside = beside(file(partition));
        make(partition, beside, work, title.base(), false);
        disk.rename(beside, partialFile(partition));
        return partialFile(partition);
    }

    private record Made(List<WorkFile.Head> heads, WorkFile.Base all, long bytes, String sha256) {}

    private Made make(String partition, Path beside, WorkFile work, WorkFile.Base base, boolean whole)
            throws IOException {
        disk.delete(beside);
        try (Disk.Writing writing = disk.create(beside)) {
            Counting counting = new Counting(writing);
            DigestOutputStream hashing = new DigestOutputStream(counting, sha256());
            OutputStream blocks = new java.io.BufferedOutputStream(hashing, BLOCK);
            OutputStream out = gzip ? new GZIPOutputStream(blocks, BLOCK) : blocks;
            out.write(headBytes());
            if (base.bytes() > 0) {
                copy(partition, base.bytes(), out);
            }
            List<WorkFile.Head> heads = work.copy(out, whole);
            out.close();
            writing.sync();
            WorkFile.Base all = base;
            for (WorkFile.Head one : heads) {
                all = one.behind(all);
            }
            return new Made(
                    heads,
                    all,
                    counting.bytes,
                    HexFormat.of().formatHex(hashing.getMessageDigest().digest()));
        }
    }

    private void copy(String partition, long bytes, OutputStream to) throws IOException {
        try (InputStream rows = rows(partition)) {
            long left = bytes;
            byte[] block = new byte[BLOCK];
            while (left > 0) {
                int read = rows.read(block, 0, (int) Math.min(block.length, left));
                if (read < 0) {
                    throw new IllegalStateException(file(partition)
                            + " was cut since it was written; bring it back, or begin again with startOver()");
                }
                to.write(block, 0, read);
                left -= read;
            }
        }
    }

    private void keep(Path file, Object value) throws IOException {
        String json = Json.write(value);
        byte[] bytes = CheckedLine.of(json.substring(0, json.length() - 1));
        if (!disk.exists(file) || !Arrays.equals(disk.read(file), bytes)) {
            replace(file, bytes);
        }
    }

    private void replace(Path file, byte[] bytes) throws IOException {
        Path beside = beside(file);
        disk.delete(beside);
        try (Disk.Writing writing = disk.create(beside)) {
            writing.write(bytes);
            writing.sync();
        }
        disk.rename(beside, file);
        @Nullable Path in = file.getParent();
        disk.sync(in == null ? folder : in);
    }

    private Path beside(Path file) {
        return workFolder().resolve(file.getFileName() + ".new");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Writes on, and counts. */
    private static final class Counting extends OutputStream {

        private final Disk.Writing to;
        private long bytes;

        Counting(Disk.Writing to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] block, int offset, int length) throws IOException {
            to.write(Arrays.copyOfRange(block, offset, offset + length));
            bytes += length;
        }
    }
}
