package dev.backfill.examples;

import dev.backfill.Progress;
import java.io.PrintStream;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Says where a run is: in one line that is written over in a terminal, else in a new line every few seconds. */
final class ProgressLine {

    private static final long IN_TERMINAL = 250;
    private static final long IN_FILE = 5_000;
    private static final int BAR = 24;

    private final PrintStream out;
    private final boolean terminal;
    private final String name;
    private final Supplier<Progress> progress;
    private final Thread thread;

    private ProgressLine(String name, Supplier<Progress> progress, PrintStream out, boolean terminal) {
        this.name = name;
        this.progress = progress;
        this.out = out;
        this.terminal = terminal;
        thread = new Thread(this::show, "progress");
        thread.setDaemon(true);
        thread.start();
    }

    static ProgressLine of(String name, Supplier<Progress> progress) {
        return new ProgressLine(name, progress, System.out, CommandLine.Help.Ansi.AUTO.enabled());
    }

    private void show() {
        try {
            while (true) {
                Thread.sleep(terminal ? IN_TERMINAL : IN_FILE);
                String line = line(name, progress.get());
                out.print(terminal ? "\r\u001b[K" + line : line + System.lineSeparator());
                out.flush();
            }
        } catch (InterruptedException e) {
            if (terminal) {
                out.print("\r\u001b[K");
                out.flush();
            }
        }
    }

    static String line(String name, Progress now) {
        StringBuilder line = new StringBuilder(name).append(' ');
        if (!now.phase().equals("main")) {
            line.append(now.phase()).append(' ');
        }
        int full = (int) Math.round(Math.max(0, Math.min(1, now.part())) * BAR);
        line.append('[').append("#".repeat(full)).append("-".repeat(BAR - full)).append("] ");
        line.append(Text.share(now.part())).append("  ");
        line.append(now.partitionsDone()).append('/').append(now.partitions()).append(" parts  ");
        line.append(Text.count(now.counts().read())).append(" read  ");
        line.append(Text.count(now.counts().produced())).append(" written  ");
        line.append(Text.count(Math.round(now.perSecond()))).append("/s");
        now.left().ifPresent(left -> line.append("  ETA ").append(Text.clock(left)));
        now.limiter()
                .ifPresent(usage -> line.append("  calls ")
                        .append(Text.count(usage.calls()))
                        .append(", ")
                        .append(Text.share(usage.share()))
                        .append(" of allowed"));
        now.waiting().ifPresent(why -> line.append("  waiting: ").append(why));
        return line.toString();
    }

    /** Takes the line away, and says nothing more. */
    void end() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
