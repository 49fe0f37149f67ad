package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.internal.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Each check of the contract of what speaks HTTP catches something. */
class WrongHttpTest {

    /** What the other side said. */
    private record Answer(int status, String type, long after, String body) {}

    /** A client as it should be, of which each mistake changes one thing. */
    private static class Right extends HttpContract {

        @Override
        protected void call(String address, String token) throws Exception {
            Answer answer = answer(address, Secret.of("TOKEN", token).reveal());
            if (answer.status() != 200) {
                fail(answer);
            }
            if (!answer.type().startsWith("application/json")) {
                throw new TransientException("not JSON but " + answer.type());
            }
            Json.check(answer.body());
        }

        final Answer answer(String address, String token) throws IOException {
            HttpURLConnection call =
                    (HttpURLConnection) URI.create(address + "/orders").toURL().openConnection();
            call.setInstanceFollowRedirects(follows());
            call.setRequestProperty("Authorization", "Bearer " + token);
            int status = call.getResponseCode();
            try (InputStream in = status >= 400 ? call.getErrorStream() : call.getInputStream()) {
                byte[] body = in.readAllBytes();
                if (call.getContentLength() > body.length && careful()) {
                    throw new IOException("the answer is cut off");
                }
                return new Answer(
                        status,
                        String.valueOf(call.getContentType()),
                        call.getHeaderFieldLong("Retry-After", 1),
                        new String(body, StandardCharsets.UTF_8));
            }
        }

        boolean follows() {
            return false;
        }

        boolean careful() {
            return true;
        }

        void fail(Answer answer) throws Exception {
            if (answer.status() == 429 || answer.status() >= 500) {
                throw new TransientException("status " + answer.status(), Duration.ofSeconds(answer.after()));
            }
            throw new IllegalStateException("status " + answer.status());
        }
    }

    private static Map<String, Supplier<?>> clients() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put("follows redirects", () -> new Right() {
            @Override
            boolean follows() {
                return true;
            }
        });
        wrong.put("takes errors for empty pages", () -> new Right() {
            @Override
            void fail(Answer answer) {}
        });
        wrong.put("tries nothing again", () -> new Right() {
            @Override
            void fail(Answer answer) {
                throw new IllegalStateException("status " + answer.status());
            }
        });
        wrong.put("tries everything again", () -> new Right() {
            @Override
            void fail(Answer answer) throws IOException {
                throw new IOException("status " + answer.status());
            }
        });
        wrong.put("tells what the other side said", () -> new Right() {
            @Override
            void fail(Answer answer) throws IOException {
                throw new IOException("status " + answer.status() + ": " + answer.body());
            }
        });
        wrong.put("looks at the status only", () -> new Right() {
            @Override
            protected void call(String address, String token) throws Exception {
                Answer answer = answer(address, token.strip().split("\r", 2)[0]);
                if (answer.status() >= 400) {
                    fail(answer);
                }
            }

            @Override
            boolean careful() {
                return false;
            }
        });
        return wrong;
    }

    @Test
    void eachCheckOfWhatSpeaksHttpCatchesSomething() throws Exception {
        assertThat(Checks.failures(Right::new)).isEmpty();
        assertThat(Checks.caughtBy(clients())).containsAll(Checks.names(HttpContract.class));
    }
}
