package dev.backfill.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server that is cut once: when a client says something for the n-th time. Understands nothing of what is said. */
final class CuttingProxy implements AutoCloseable {

    enum Cut {
        /** The words do not arrive. */
        BEFORE,
        /** The words arrive, and nobody waits for what becomes of them. */
        IN_DOUBT,
        /** The server repeats the words in its answer, which does not arrive. */
        UNANSWERED
    }

    private final ServerSocket clients;
    private final int server;
    private final String words;
    private final int nth;
    private final Cut cut;
    private final AtomicInteger said = new AtomicInteger();

    CuttingProxy(int server, String words, int nth, Cut cut) throws IOException {
        this.clients = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.server = server;
        this.words = words;
        this.nth = nth;
        this.cut = cut;
        start(this::accept);
    }

    int port() {
        return clients.getLocalPort();
    }

    /** How often the words were said. */
    int said() {
        return said.get();
    }

    private interface Body {
        void run() throws IOException;
    }

    private static void start(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (IOException e) {
                // this way is closed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = clients.accept();
            Way way = new Way(client, new Socket(InetAddress.getLoopbackAddress(), server));
            start(way::up);
            start(way::down);
        }
    }

    /** Sees words also where they are torn over two reads. */
    private static final class Ear {
        private final String words;
        private String tail = "";

        Ear(String words) {
            this.words = words;
        }

        /** Where in these bytes the words end, or -1; they are longer than what was kept, so they end in these bytes. */
        int hear(byte[] bytes, int count) {
            String heard = tail + new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
            int at = heard.indexOf(words);
            int kept = tail.length();
            tail = heard.substring(Math.max(0, heard.length() - words.length() + 1));
            return at < 0 ? -1 : at + words.length() - kept;
        }
    }

    private final class Way {
        private final Socket client;
        private final Socket server;
        private volatile boolean mute;

        Way(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void up() throws IOException {
            try (client;
                    server) {
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream();
                Ear ear = new Ear(words);
                byte[] bytes = new byte[1 << 16];
                for (int count = in.read(bytes); count > 0; count = in.read(bytes)) {
                    int end = ear.hear(bytes, count);
                    boolean now = end >= 0 && said.incrementAndGet() == nth;
                    mute |= now && cut == Cut.UNANSWERED;
                    out.write(bytes, 0, now && cut == Cut.BEFORE ? end - 1 : count);
                    if (now && cut != Cut.UNANSWERED) {
                        return;
                    }
                }
            }
        }

        void down() throws IOException {
            try (client;
                    server) {
                InputStream in = server.getInputStream();
                OutputStream out = client.getOutputStream();
                Ear ear = new Ear(words);
                byte[] bytes = new byte[1 << 16];
                for (int count = in.read(bytes); count > 0; count = in.read(bytes)) {
                    if (!mute) {
                        out.write(bytes, 0, count);
                    } else if (ear.hear(bytes, count) >= 0) {
                        return;
                    }
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        clients.close();
    }
}
