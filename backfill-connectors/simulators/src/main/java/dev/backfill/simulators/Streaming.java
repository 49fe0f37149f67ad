package dev.backfill.simulators;

import com.sun.net.httpserver.HttpExchange;
import dev.backfill.internal.Time;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** Sends an answer a piece at a time, in chunks. */
record Streaming(Time time, Duration slowness) {

    /** Gives the status, or 0 if the answer was broken on purpose. */
    int send(HttpExchange exchange, Reply reply, Optional<Faults.Choice> fault)
            throws IOException, InterruptedException {
        Reply.Pieces pieces = Objects.requireNonNull(reply.pieces(), "pieces");
        if (reply.status() == 0) {
            pieces.to(OutputStream.nullOutputStream());
            return 0;
        }
        exchange.getResponseHeaders().set("Content-Type", reply.type());
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        Fault kind = fault.map(Faults.Choice::fault).orElse(null);
        if (kind == Fault.SLOW) {
            time.sleep(slowness.toNanos());
        }
        boolean early = kind == Fault.RESET || kind == Fault.TRUNCATED;
        Begun begun = new Begun(exchange, reply.status());
        OutputStream out = new BufferedOutputStream(begun, 1 << 16);
        if (early) {
            long dice = fault.map(Faults.Choice::dice).orElse(0L);
            out = new EarlyEnd(out, dice % (1L << (4 + dice / 7 % 13)), kind == Fault.RESET);
        }
        pieces.to(out);
        out.flush();
        begun.close();
        return out instanceof EarlyEnd cut && cut.left < 0 ? 0 : reply.status();
    }

    /** The status goes out with the first byte, as the headers of a slow write come late. */
    private static final class Begun extends OutputStream {
        private final HttpExchange exchange;
        private final int status;
        private boolean begun;

        Begun(HttpExchange exchange, int status) {
            this.exchange = exchange;
            this.status = status;
        }

        private OutputStream out() throws IOException {
            if (!begun) {
                begun = true;
                exchange.sendResponseHeaders(status, 0);
            }
            return exchange.getResponseBody();
        }

        @Override
        public void write(int b) throws IOException {
            out().write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out().write(bytes, from, length);
        }

        @Override
        public void flush() throws IOException {
            if (begun) {
                out().flush();
            }
        }

        @Override
        public void close() throws IOException {
            out().close();
        }
    }

    /** Ends too early, as if all were well or with the connection. */
    private static final class EarlyEnd extends OutputStream {
        private final OutputStream out;
        private final boolean reset;
        private long left;

        EarlyEnd(OutputStream out, long length, boolean reset) {
            this.out = out;
            this.left = length;
            this.reset = reset;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            int whole = (int) Math.max(0, Math.min(length, left));
            out.write(bytes, from, whole);
            left -= length;
            if (left < 0 && reset) {
                out.flush();
                throw new Reply.BrokenOff();
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
