package dev.backfill.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stands above the body of an answer.
 *
 * @param status a 2xx
 * @param headers their names in lower case
 */
public record Answer(int status, Map<String, List<String>> headers) {

    /** Copies. */
    public Answer {
        headers = Map.copyOf(headers);
    }

    /**
     * What a header says; the values of one that is sent several times are joined by commas. Empty if it was not sent.
     *
     * @param name in lower case
     */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name)).map(values -> String.join(", ", values));
    }
}
