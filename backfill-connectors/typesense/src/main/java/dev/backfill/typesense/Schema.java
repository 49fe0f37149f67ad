package dev.backfill.typesense;

import dev.backfill.TransientException;
import dev.backfill.http.HttpException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Changes of a collection's schema, which take long and of which there is one at a time. */
final class Schema {

    /** A large collection takes minutes; one that takes longer goes on without us. */
    private static final Duration TIMEOUT = Duration.ofHours(1);

    private static final long PATIENCE = Duration.ofHours(2).toNanos();
    private static final long FIRST = Duration.ofMillis(200).toNanos();
    private static final long MOST = Duration.ofSeconds(10).toNanos();

    /** How often a server that is not well may fail one after the other. */
    private static final int MOST_FAILURES = 12;

    private final Documents documents;

    Schema(Documents documents) {
        this.documents = documents;
    }

    /**
     * Looks, and asks for the field if it is not there; then looks again. So it does not matter whose change made the field, or whether the
     * answer to ours was lost.
     */
    void ensure(String field, String type) throws InterruptedException {
        Filter.name(field);
        long begin = documents.nodes().time().nanos();
        int failures = 0;
        long wait = FIRST;
        while (true) {
            try {
                if (there(field, type)) {
                    return;
                }
                if (!changing()) {
                    add(field, type);
                }
                failures = 0;
            } catch (TransientException e) {
                failures++;
                if (failures == MOST_FAILURES) {
                    throw e;
                }
            }
            if (documents.nodes().time().nanos() - begin > PATIENCE) {
                throw new IllegalStateException("the schema of " + documents
                        + " has been changing for two hours; look at GET /operations/schema_changes");
            }
            documents.nodes().time().sleep(wait);
            wait = Math.min(MOST, 2 * wait);
        }
    }

    private boolean there(String field, String type) throws InterruptedException {
        JsonNode collection = documents
                .nodes()
                .call(node -> node.get("/collections/{}", documents.name()).as(JsonNode.class));
        for (JsonNode one : collection.path("fields")) {
            if (one.path("name").asString("").equals(field)) {
                String is = one.path("type").asString("");
                if (!is.equals(type)) {
                    throw new IllegalStateException("the field " + field + " of " + documents + " is " + is
                            + " and not " + type + "; drop it in Typesense first, or name another");
                }
                return true;
            }
        }
        return false;
    }

    /** Whether the collection is being changed now. Servers before version 28 do not tell. */
    private boolean changing() throws InterruptedException {
        JsonNode changes;
        try {
            changes = documents
                    .nodes()
                    .call(node -> node.get("/operations/schema_changes").as(JsonNode.class));
        } catch (HttpException e) {
            return false;
        }
        for (JsonNode change : changes) {
            if (change.path("collection").asString("").equals(documents.name())) {
                return true;
            }
        }
        return false;
    }

    /** Asks for the field. Whether it is there is looked at afterwards, whatever the answer. */
    private void add(String field, String type) throws InterruptedException {
        Map<String, Object> body = Map.of("fields", List.of(Map.of("name", field, "type", type, "optional", true)));
        try {
            documents
                    .nodes()
                    .call(node -> node.timeout(TIMEOUT)
                            .patch("/collections/{}", documents.name())
                            .json(body)
                            .send());
        } catch (HttpException e) {
            String said = String.valueOf(e.getMessage());
            boolean another = e.status() == 422 && said.contains("Another collection update operation");
            boolean done = e.status() == 400 && said.contains("already part of the schema");
            if (e.status() == 400 && said.contains("incompatible with the type")) {
                throw e.advising("documents have this field already, with values that are no " + type
                        + "; mend those documents, or name another field");
            }
            if (!another && !done) {
                throw e;
            }
        }
    }
}
