package dev.backfill.jdbc;

import org.jspecify.annotations.Nullable;

/** A table, with its schema if one is said. */
record TableName(@Nullable String schema, String name) {

    /** As it stands in a statement. */
    String sql() {
        return schema == null ? Dialect.quote(name) : Dialect.quote(schema) + '.' + Dialect.quote(name);
    }

    void check(Dialect dialect) {
        dialect.checkName("a table", name);
        if (schema != null) {
            dialect.checkName("a schema", schema);
        }
    }

    @Override
    public String toString() {
        return schema == null ? name : schema + '.' + name;
    }
}
