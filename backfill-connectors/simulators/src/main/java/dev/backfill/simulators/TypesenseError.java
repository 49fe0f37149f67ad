package dev.backfill.simulators;

/** A call, or a line of an import, that is answered with an error, in Typesense's words. */
final class TypesenseError extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String words;

    TypesenseError(int status, String words) {
        super(null, null, false, false);
        this.status = status;
        this.words = words;
    }

    static TypesenseError invalid(String words) {
        return new TypesenseError(400, words);
    }

    static TypesenseError noDocument(String id) {
        return new TypesenseError(404, "Could not find a document with id: " + id);
    }

    int status() {
        return status;
    }

    String words() {
        return words;
    }

    /** @param raw whether quotes in the message are left as they are, so that the body may be no JSON */
    Reply reply(boolean raw) {
        return reply(status, words, raw);
    }

    static Reply reply(int status, String words, boolean raw) {
        JsonBytes body = new JsonBytes(100).raw("{\"message\": ");
        if (raw) {
            body.raw("\"").whole(words).raw("\"");
        } else {
            body.text(words);
        }
        return new Reply(status, "application/json; charset=utf-8", body.raw("}"));
    }
}
