package dev.backfill.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server made of a socket, for answers that no honest server gives. */
final class RawServer implements AutoCloseable {

    private final ServerSocket server;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    interface Behaviour {
        void answer(OutputStream out, InputStream in) throws Exception;
    }

    RawServer(Behaviour behaviour) {
        this(listening(), behaviour);
    }

    /** With a socket of another kind. */
    RawServer(ServerSocket server, Behaviour behaviour) {
        this.server = server;
        Thread thread = new Thread(() -> accept(behaviour), "raw server");
        thread.setDaemon(true);
        thread.start();
    }

    private static ServerSocket listening() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends these characters and ends the connection. */
    static RawServer saying(String answer) {
        return new RawServer((out, in) -> out.write(answer.getBytes(StandardCharsets.UTF_8)));
    }

    private void accept(Behaviour behaviour) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                Thread thread = new Thread(() -> serve(socket, behaviour), "raw connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket, Behaviour behaviour) {
        try (socket) {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            while (!head.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    return;
                }
                head.write(next);
            }
            heads.add(head.toString(StandardCharsets.UTF_8));
            behaviour.answer(socket.getOutputStream(), in);
            socket.shutdownOutput();
        } catch (Exception e) {
            // the client has gone, which is what many of these tests are about
        }
    }

    /** The requests that came, without bodies. */
    List<String> heads() {
        return heads;
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
