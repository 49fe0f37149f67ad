package dev.backfill.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How another process with this one's classes is started. */
final class Java {

    private Java() {}

    static List<String> command(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        return command;
    }
}
