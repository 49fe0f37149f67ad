package dev.backfill.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Secrets that an author has named, looked for in what others may see. */
final class Secrets {

    private static final int MAX_CAUSES = 20;

    private final List<String> forms = new ArrayList<>();

    /** Leaves the check out, and says so, if there are none. */
    Secrets(List<String> secrets) {
        if (secrets.isEmpty()) {
            abort("not checked: override secrets() with the tokens and passwords that your part was made with");
        }
        for (String secret : secrets) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            forms.add(secret);
            forms.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
            forms.add(Base64.getEncoder().encodeToString(bytes));
            forms.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
    }

    /** Fails, without saying the secret, if this text holds one. */
    void notIn(String where, String text) {
        Lesson.unless(
                forms.stream().noneMatch(text::contains),
                "a secret is told: it stands in " + where,
                "definitions, cursors and dead letters are stored, names and failures are logged, and many may read those",
                "keep it in a Secret, which does not print itself, and leave it out of addresses and messages");
    }

    /** Fails if the message of this failure, or of one of its causes, holds a secret. */
    void notIn(Throwable failure) {
        Throwable at = failure;
        for (int i = 0; at != null && i < MAX_CAUSES; i++) {
            notIn("the message of " + at.getClass().getName(), String.valueOf(at.getMessage()));
            for (Throwable suppressed : at.getSuppressed()) {
                notIn("a suppressed " + suppressed.getClass().getName(), String.valueOf(suppressed.getMessage()));
            }
            at = at.getCause();
        }
    }
}
