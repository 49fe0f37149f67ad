package dev.backfill.simulators;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backfill.internal.Ports;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An HTTP server on 127.0.0.1 with a log, limits, latency and faults around an {@link Api}. */
final class SimulatedServer implements AutoCloseable {

    static {
        // without it, the kernel holds an answer back for 40 ms now and then
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final int PIECES = 20;
    private static final int GZIP_FROM = 1_000;

    private final Ports ports = Ports.current();
    private final Api api;
    private final Traffic traffic;
    private final long seed;
    private final Judge judge;
    private final Faults faults;
    private final CallLog log;
    private final Map<String, String> hashes = new ConcurrentHashMap<>();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicInteger inTheAir = new AtomicInteger();
    private final HttpServer server;
    private final URI url;
    private final ExecutorService threads;

    SimulatedServer(Api api, Traffic traffic, long seed, int port) throws IOException {
        this(api, traffic, seed, port, new CallLog());
    }

    /** @param log that goes on where another server left it */
    SimulatedServer(Api api, Traffic traffic, long seed, int port, CallLog log) throws IOException {
        this.log = log;
        this.api = api;
        this.traffic = traffic;
        this.seed = seed;
        judge = new Judge(traffic.limits(), ports.time().nanos());
        faults = new Faults(seed, traffic.faults(), traffic.kinds());
        server = HttpServer.create(
                new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 1_000);
        url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        threads = Executors.newCachedThreadPool(body -> {
            Thread thread = new Thread(body, "simulator");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    URI url() {
        return url;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        boolean brokenOff = false;
        try {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Ask ask = Ask.of(exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body);
            switch (exchange.getRequestURI().getPath()) {
                case "/__log" -> stream(exchange, log::to);
                case "/__truth" -> stream(exchange, out -> api.truth(ask, out));
                default -> {
                    Optional<Reply> own = ask.path().startsWith("/__") ? api.own(ask) : Optional.empty();
                    if (own.isPresent()) {
                        send(exchange, ask, own.get(), null);
                    } else {
                        call(exchange, ask);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed meanwhile: the connection ends here
        } catch (Reply.BrokenOff e) {
            brokenOff = true; // to close the exchange would make a whole answer of it; the server ends the connection
            throw e;
        } finally {
            if (!brokenOff) {
                exchange.close();
            }
        }
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static void stream(HttpExchange exchange, Writing writing) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
            writing.to(out);
        }
    }

    private void call(HttpExchange exchange, Ask ask) throws IOException, InterruptedException {
        String credential = api.credential(ask)
                .map(value -> hashes.computeIfAbsent(value, SimulatedServer::hash))
                .orElse("-");
        String address = exchange.getRequestURI().toASCIIString();
        String request = ask.method().equals("GET") ? address : address + " " + ask.method();
        CallLog.Entry entry = log.arrived(() -> ports.time().now().toEpochMilli(), credential, request);
        int status = 0;
        try {
            status = answer(exchange, ask, credential, request);
        } finally {
            log.answered(entry, status);
        }
    }

    private int answer(HttpExchange exchange, Ask ask, String credential, String request)
            throws IOException, InterruptedException {
        if (!api.metered(ask)) {
            pause();
            return send(exchange, ask, api.answer(ask), null);
        }
        Optional<Reply> early = api.early(ask);
        if (early.isPresent()) {
            pause();
            return send(exchange, ask, early.get(), null);
        }
        Reply reply;
        Optional<Faults.Choice> fault = Optional.empty();
        int before = inTheAir.getAndIncrement();
        try { // a client that has seen the answer may call again at once, so the call ends before it is sent
            Optional<Reply> refused = refused(exchange, credential, before);
            if (refused.isEmpty()) {
                fault = faults.next(request + ask.body());
            }
            pause();
            if (fault.isPresent() && fault.get().fault() == Fault.DROPPED) {
                return 0; // closing the exchange now ends the connection without an answer
            }
            boolean error = fault.isPresent() && fault.get().fault() == Fault.ERROR;
            reply = refused.isPresent() ? refused.get() : error ? fault.get().error() : api.answer(ask);
        } finally {
            inTheAir.decrementAndGet();
        }
        return reply.pieces() == null
                ? send(exchange, ask, reply, fault.map(Faults.Choice::fault).orElse(null))
                : new Streaming(ports.time(), traffic.slowness()).send(exchange, reply, fault);
    }

    private Optional<Reply> refused(HttpExchange exchange, String credential, int inTheAirBefore) {
        Limits limits = traffic.limits();
        Refusal refusal = new Refusal(limits, api, ports.time().now());
        if (limits.atOnce() > 0 && inTheAirBefore >= limits.atOnce()) {
            return Optional.of(refusal.atOnce());
        }
        if (limits.windows().isEmpty()) {
            return Optional.empty();
        }
        Judge.Verdict verdict = judge.arrived(credential, ports.time().nanos());
        refusal.headers(verdict).forEach(exchange.getResponseHeaders()::set);
        return verdict.passes() ? Optional.empty() : Optional.of(refusal.of(verdict));
    }

    private void pause() throws InterruptedException {
        long nanos = traffic.latency().toNanos();
        long jitter = traffic.jitter().toNanos();
        if (jitter > 0) {
            nanos += Mix.of(seed, calls.incrementAndGet(), 9) % jitter;
        }
        if (nanos > 0) {
            ports.time().sleep(nanos);
        }
    }

    /** Gives the status, or 0 if the answer was broken on purpose. */
    private int send(HttpExchange exchange, Ask ask, Reply reply, @org.jspecify.annotations.Nullable Fault fault)
            throws IOException, InterruptedException {
        JsonBytes body = reply.body();
        if (fault == Fault.TRUNCATED) {
            body.cut(body.size() / 2);
        }
        exchange.getResponseHeaders().set("Content-Type", reply.type());
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        if (traffic.gzip()
                && body.size() >= GZIP_FROM
                && ask.header("Accept-Encoding").orElse("").contains("gzip")) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            body = body.packed();
        }
        int size = body.size();
        exchange.sendResponseHeaders(reply.status(), size == 0 ? -1 : size);
        OutputStream out = exchange.getResponseBody();
        if (fault == Fault.RESET) {
            body.to(out, 0, size / 2);
            out.flush();
            return 0; // closing the exchange now ends the connection before the promised length
        }
        if (fault == Fault.SLOW) {
            trickle(out, body);
        } else {
            body.to(out);
        }
        out.close();
        return fault == Fault.TRUNCATED ? 0 : reply.status();
    }

    private void trickle(OutputStream out, JsonBytes body) throws IOException, InterruptedException {
        Duration step = traffic.slowness().dividedBy(PIECES);
        int piece = body.size() / PIECES + 1;
        for (int i = 0; i < body.size(); i += piece) {
            body.to(out, i, Math.min(piece, body.size() - i));
            out.flush();
            ports.time().sleep(step.toNanos());
        }
    }

    private static String hash(String credential) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(credential.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String date(Instant instant) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(instant.atOffset(ZoneOffset.UTC));
    }
}
