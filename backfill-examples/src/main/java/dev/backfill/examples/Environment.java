package dev.backfill.examples;

import dev.backfill.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Credentials from the environment, and from a file of {@code KEY=VALUE} lines, which goes first.
 *
 * <p>Lines that are blank or begin with {@code #} are left out, and so is {@code export} before a key. A value is taken as it
 * stands: quotes are not taken off, and a secret in quotes is refused by name.
 */
final class Environment {

    private final Map<String, String> values;

    private Environment(Map<String, String> values) {
        this.values = values;
    }

    static Environment of(@Nullable Path file) {
        Map<String, String> values = new HashMap<>(System.getenv());
        if (file != null) {
            values.putAll(read(file));
        }
        return new Environment(values);
    }

    private static Map<String, String> read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new Exit.Wrong("--env-file " + file + " cannot be read (" + Exit.why(e) + ")");
        }
        Map<String, String> values = new HashMap<>();
        int number = 0;
        for (String line : text.split("\\R", -1)) {
            number++;
            String stripped = line.strip();
            if (stripped.isEmpty() || stripped.startsWith("#")) {
                continue;
            }
            int equals = stripped.indexOf('=');
            if (equals < 1) { // the line is not shown: it may be a secret
                throw new Exit.Wrong("--env-file " + file + ": line " + number + " is not KEY=VALUE");
            }
            String key = stripped.substring(0, equals).strip();
            values.put(key.startsWith("export ") ? key.substring(7).strip() : key, stripped.substring(equals + 1));
        }
        return values;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
    }

    /** The secret of this name; its absence, blanks and quotes are the user's mistake and told by name. */
    Secret secret(String name) {
        try {
            return Secret.of(name, values.get(name));
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
    }
}
