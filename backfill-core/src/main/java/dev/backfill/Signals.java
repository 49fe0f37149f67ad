package dev.backfill;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Stops a run at SIGTERM and SIGINT.
 *
 * <p>A shutdown hook would not do: while hooks run, the JVM ignores a second signal.
 */
final class Signals {

    private final Runner runner;
    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private volatile Signal caught;

    private Signals(Runner runner) {
        this.runner = runner;
    }

    static Signals stopping(Runner runner) {
        Signals signals = new Signals(runner);
        for (String name : List.of("TERM", "INT")) {
            Signal signal = new Signal(name);
            try {
                signals.before.put(signal, Signal.handle(signal, signals::caught));
            } catch (IllegalArgumentException e) {
                runner.note("signal " + name + " cannot be handled here (was the JVM started with -Xrs?)");
            }
        }
        return signals;
    }

    private void caught(Signal signal) {
        if (caught != null) {
            Runtime.getRuntime().halt(128 + signal.getNumber());
        }
        caught = signal;
        runner.stop();
    }

    /** Gives the signals back when the run has ended, and hands on what came meanwhile. */
    void restore() {
        before.forEach((signal, handler) -> Signal.handle(signal, handler));
        Signal signal = caught;
        if (signal != null) {
            SignalHandler owner = before.get(signal);
            if (owner != null && owner != SignalHandler.SIG_DFL && owner != SignalHandler.SIG_IGN) {
                owner.handle(signal);
            }
        }
    }
}
