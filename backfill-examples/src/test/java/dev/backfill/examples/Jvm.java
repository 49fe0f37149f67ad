package dev.backfill.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The examples' program in a JVM of its own, which starts quickly and has as little memory as a small container. */
final class Jvm {

    private Jvm() {}

    /** The command that starts it, to which more can be added. */
    static List<String> main(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // it does not live long enough for more
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
