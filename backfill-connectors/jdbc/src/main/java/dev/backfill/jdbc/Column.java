package dev.backfill.jdbc;

/**
 * A column as the catalogue has it.
 *
 * @param type the type to cast to, without length or precision: a cast to {@code varchar(5)} would cut what is too long
 * @param fullType the type with them, as messages of the database name it
 * @param kind how its values are read
 * @param key its place in the primary key, from 1; 0 if it is not in it
 */
record Column(String name, String type, String fullType, Kind kind, boolean nullable, int key) {

    /** How values are read and written. */
    enum Kind {
        NUMBER,
        BOOLEAN,
        TEXT,
        JSON,
        ARRAY,
        INSTANT,
        DATE_TIME,
        BYTES,
        /** Each value has a type of its own. */
        ANY
    }

    String sql() {
        return Dialect.quote(name);
    }
}
