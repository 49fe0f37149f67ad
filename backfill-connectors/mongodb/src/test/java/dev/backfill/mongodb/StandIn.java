package dev.backfill.mongodb;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/** A stand-in of MongoDB in this process, in which a test can stand between any two commands. */
final class StandIn implements AutoCloseable {

    static final String DATABASE = "jobs";

    /** What the test does about a command. */
    @FunctionalInterface
    interface Hook {

        /** Does what every command says. */
        Hook NONE = (command, call, cut) -> call.call();

        /**
         * Answers a command to a collection.
         *
         * @param call does what the command says
         * @param cut closes the connection, so that no answer arrives
         */
        Document answer(String command, Callable<Document> call, Runnable cut) throws Exception;
    }

    private final MongoServer server = new MongoServer(new Backend().version(ServerVersion.MONGO_5_0));
    private final Map<String, Hook> hooks = new ConcurrentHashMap<>();

    /**
     * @param threads so many connections are served side by side; a command that waits for others in its hook needs one of its own
     */
    StandIn(int threads) {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, threads);
    }

    private final class Backend extends MemoryBackend {
        @Override
        public Document handleMessage(MongoMessage message) {
            if (!message.getDatabaseName().equals(DATABASE)) {
                return super.handleMessage(message);
            }
            String command = message.getDocument().keySet().iterator().next();
            Hook hook = hooks.getOrDefault(String.valueOf(message.getDocument().get(command)), Hook.NONE);
            try {
                return hook.answer(
                        command,
                        () -> super.handleMessage(message),
                        () -> message.getChannel().close().awaitUninterruptibly(10));
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** From now on the hook answers the commands to this collection. */
    void hook(String collection, Hook hook) {
        hooks.put(collection, hook);
    }

    /** A failure of the server with this number. */
    static RuntimeException failure(int code, String name, String message) {
        return new MongoServerError(code, name, message);
    }

    int port() {
        return server.getLocalAddress().getPort();
    }

    String uri() {
        return "mongodb://127.0.0.1:" + port() + "/?serverSelectionTimeoutMS=5000&heartbeatFrequencyMS=500";
    }

    /** Is gone from now on. */
    void stop() {
        server.shutdownNow();
    }

    @Override
    public void close() {
        stop();
    }
}
