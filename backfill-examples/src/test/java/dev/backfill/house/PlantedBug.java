package dev.backfill.house;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/**
 * A deliberate bug: what it is in a sentence, which lines of the product it replaces, and which test must notice it.
 *
 * @param name of its file
 * @param forked whether the test starts processes, so that it needs one whose class path begins with the bug
 * @param seconds a test that has not ended by then is interrupted, and should fail of it
 */
record PlantedBug(String name, String sentence, List<Edit> edits, Detector detector, boolean forked, int seconds) {

    private static final int MOST_SECONDS = 15;

    /** Lines of a source file, and what stands in their place; indentation does not matter. */
    record Edit(String file, List<String> find, List<String> put) {}

    /** A test by its class and method, or the one of its invocations that is counted so, from 0. */
    record Detector(String type, String method, OptionalInt invocation) {

        private static final Pattern FORM = Pattern.compile("([\\w.$]+)#(\\w+)(?:\\[(\\d+)])?");

        static Detector parse(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("a test is named like a.b.SomeTest#method[0], not " + text);
            }
            return new Detector(
                    matcher.group(1),
                    matcher.group(2),
                    matcher.group(3) == null
                            ? OptionalInt.empty()
                            : OptionalInt.of(Integer.parseInt(matcher.group(3))));
        }

        @Override
        public String toString() {
            return type.substring(type.lastIndexOf('.') + 1) + "#" + method
                    + (invocation.isPresent() ? "[" + invocation.getAsInt() + "]" : "");
        }

        String full() {
            return type + "#" + method + (invocation.isPresent() ? "[" + invocation.getAsInt() + "]" : "");
        }
    }

    /** Reads a file of keys, each at the beginning of a line; what belongs to {@code find:} and {@code put:} is indented. */
    static PlantedBug read(Path path) throws IOException {
        String sentence = "";
        String file = "";
        List<Edit> edits = new ArrayList<>();
        List<String> find = List.of();
        List<String> into = new ArrayList<>();
        Detector detector = null;
        boolean forked = false;
        int seconds = MOST_SECONDS;
        for (String line : Files.readAllLines(path)) {
            int colon = line.indexOf(':');
            if (line.isBlank()) {
                continue;
            }
            if (line.startsWith(" ")) {
                into.add(line.strip());
                continue;
            }
            String value = line.substring(colon + 1).strip();
            switch (line.substring(0, Math.max(0, colon))) {
                case "bug" -> sentence = value;
                case "file" -> file = value;
                case "find" -> {
                    find = new ArrayList<>();
                    into = find;
                }
                case "put" -> {
                    into = new ArrayList<>();
                    edits.add(new Edit(file, find, into));
                }
                case "test" -> detector = Detector.parse(value);
                case "test in a process" -> {
                    detector = Detector.parse(value);
                    forked = true;
                }
                case "hangs for seconds" -> seconds = Integer.parseInt(value);
                default -> throw new IllegalArgumentException(path + " has a line that says nothing: " + line);
            }
        }
        if (sentence.isEmpty() || edits.isEmpty() || detector == null) {
            throw new IllegalArgumentException(path + " needs bug:, file:, find:, put: and test:");
        }
        String name = path.getFileName().toString().replace(".txt", "");
        return new PlantedBug(name, sentence, edits, detector, forked, seconds);
    }

    /** Compiles the product's files with the bug in them into a folder. */
    void compile(Path root, List<Path> products, Path into) throws IOException {
        Map<String, List<String>> sources = new LinkedHashMap<>();
        for (Edit edit : edits) {
            List<String> before = sources.get(edit.file());
            if (before == null) {
                before = Files.readAllLines(root.resolve(edit.file()));
            }
            sources.put(edit.file(), planted(before, edit));
        }
        List<String> files = new ArrayList<>();
        for (Map.Entry<String, List<String>> source : sources.entrySet()) {
            Path file = into.resolve("source").resolve(source.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, source.getValue());
            files.add(file.toString());
        }
        String separator = System.getProperty("path.separator");
        String path = products.stream().map(Path::toString).collect(Collectors.joining(separator))
                + separator
                + System.getProperty("java.class.path");
        Path classes = Files.createDirectories(into.resolve("classes"));
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-nowarn", "--release", "17", "-parameters"));
        arguments.addAll(List.of("-encoding", "UTF-8", "-d", classes.toString(), "-cp", path));
        arguments.addAll(files);
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said, true);
        int code = ToolProvider.findFirst("javac").orElseThrow().run(out, out, arguments.toArray(String[]::new));
        if (code != 0) {
            throw new AssertionError("planted/" + name + ".txt does not compile any more; plant it anew:\n" + said);
        }
    }

    private List<String> planted(List<String> source, Edit edit) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i + edit.find().size() <= source.size(); i++) {
            List<String> there = source.subList(i, i + edit.find().size()).stream()
                    .map(String::strip)
                    .toList();
            if (there.equals(edit.find())) {
                places.add(i);
            }
        }
        if (places.size() != 1) {
            throw new AssertionError("planted/" + name + ".txt does not fit " + edit.file()
                    + " any more: its lines to find stand there " + places.size()
                    + " times. The product has changed; plant the bug anew");
        }
        List<String> planted = new ArrayList<>(source.subList(0, places.get(0)));
        planted.addAll(edit.put());
        planted.addAll(source.subList(places.get(0) + edit.find().size(), source.size()));
        return planted;
    }
}
