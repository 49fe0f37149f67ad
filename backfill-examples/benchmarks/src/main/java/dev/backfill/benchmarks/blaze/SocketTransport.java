package dev.backfill.benchmarks.blaze;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 over one socket that stays open: no more than this server needs. */
final class SocketTransport implements Transport {

    private final URI vendor;
    private @Nullable Socket socket;
    private byte[] buffer = new byte[1 << 19];

    SocketTransport(String vendor) {
        this.vendor = URI.create(vendor);
    }

    @Override
    public ByteBuffer get(String path) throws IOException {
        Socket open = socket;
        if (open == null) {
            open = new Socket(vendor.getHost(), vendor.getPort());
            open.setTcpNoDelay(true);
            open.setReceiveBufferSize(1 << 19);
            socket = open;
        }
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + vendor.getAuthority() + "\r\npartner_key: "
                + BlazeApi.PARTNER_KEY + "\r\nAuthorization: " + BlazeApi.KEY + "\r\n\r\n";
        OutputStream out = open.getOutputStream();
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        return answer(open.getInputStream());
    }

    private ByteBuffer answer(InputStream in) throws IOException {
        int size = 0;
        int head = -1;
        while (head < 0) {
            int more = in.read(buffer, size, buffer.length - size);
            if (more < 0) {
                throw new EOFException("the connection has ended before an answer");
            }
            int from = Math.max(0, size - 3);
            size += more;
            head = headerEnd(from, size);
        }
        String headers = new String(buffer, 0, head, StandardCharsets.US_ASCII);
        if (!headers.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("the answer is " + headers.lines().findFirst().orElse(""));
        }
        int length = length(headers);
        int have = size - head;
        byte[] into = length > buffer.length ? Arrays.copyOf(buffer, 2 * length) : buffer;
        System.arraycopy(buffer, head, into, 0, have);
        while (have < length) {
            int more = in.read(into, have, length - have);
            if (more < 0) {
                throw new EOFException("the connection has ended in an answer");
            }
            have += more;
        }
        buffer = into;
        return ByteBuffer.wrap(into, 0, length);
    }

    private int headerEnd(int from, int size) {
        for (int i = from; i + 3 < size; i++) {
            if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r' && buffer[i + 3] == '\n') {
                return i + 4;
            }
        }
        return -1;
    }

    private static int length(String headers) throws IOException {
        return headers.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(
                        line.substring("content-length:".length()).strip()))
                .findFirst()
                .orElseThrow(() -> new IOException("the answer has no length"));
    }
}
