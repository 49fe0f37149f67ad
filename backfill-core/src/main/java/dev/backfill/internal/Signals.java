package dev.backfill.internal;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Catches signals, and gives them back.
 *
 * <p>A shutdown hook would not do: while hooks run, the JVM ignores a second signal. So this takes {@code sun.misc.Signal}, and takes it by
 * reflection (the one place in this library), since the compiler's warning about that class can be suppressed by no annotation.
 */
public final class Signals implements AutoCloseable {

    private final Map<Object, Object> before = new LinkedHashMap<>();
    private final Class<?> signals;
    private final Class<?> handlers;

    private Signals() throws ReflectiveOperationException {
        signals = Class.forName("sun.misc.Signal");
        handlers = Class.forName("sun.misc.SignalHandler");
    }

    /**
     * Hands signals of these names, such as TERM, to the handler by their number.
     *
     * @throws IllegalArgumentException if they cannot be caught here
     */
    public static Signals caught(List<String> names, IntConsumer handler) {
        try {
            Signals caught = new Signals();
            try {
                for (String name : names) {
                    caught.take(name, handler);
                }
                return caught;
            } catch (ReflectiveOperationException e) {
                caught.close();
                throw e;
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("signals cannot be caught here", e);
        }
    }

    private void take(String name, IntConsumer handler) throws ReflectiveOperationException {
        Object signal = signals.getConstructor(String.class).newInstance(name);
        Object ours = Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handlers},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "handle" -> {
                        handler.accept(number(signal));
                        yield null;
                    }
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "the handler of " + name;
                });
        before.put(signal, handle(signal, ours));
    }

    private Object handle(Object signal, Object handler) throws ReflectiveOperationException {
        return signals.getMethod("handle", signals, handlers).invoke(null, signal, handler);
    }

    private int number(Object signal) throws ReflectiveOperationException {
        return (int) signals.getMethod("getNumber").invoke(signal);
    }

    /** Gives the signals back. */
    @Override
    public void close() {
        try {
            for (Map.Entry<Object, Object> entry : before.entrySet()) {
                handle(entry.getKey(), entry.getValue());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals cannot be given back", e);
        }
    }
}
