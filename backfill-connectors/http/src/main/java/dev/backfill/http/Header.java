package dev.backfill.http;

import dev.backfill.Secret;
import java.util.Optional;

/** A header to send. A secret's value is taken out only when a call is made. */
record Header(String name, String prefix, Optional<Secret> secret) {

    private static final String TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /** Checks name and value here, because the JDK's own message would show the value. */
    Header {
        if (name.isEmpty() || !name.chars().allMatch(c -> TOKEN.indexOf(c) >= 0)) {
            throw new IllegalArgumentException("'" + Redactor.escape(name) + "' cannot be the name of a header");
        }
        if (!prefix.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 127))) {
            throw new IllegalArgumentException(
                    "the header " + name + " was given a value with a control character or a letter outside ASCII");
        }
    }

    String value() {
        return prefix + secret.map(Secret::reveal).orElse("");
    }

    @Override
    public String toString() {
        return name + ": …";
    }
}
