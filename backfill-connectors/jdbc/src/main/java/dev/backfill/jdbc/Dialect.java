package dev.backfill.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL and SQLite say differently. */
sealed interface Dialect permits Postgres, Sqlite {

    /** What a transaction is for. */
    enum Use {
        READING,
        WRITING,
        /** Nothing but one statement that may come late without harm, so that it can commit itself where that saves ways to the server. */
        ONE_STATEMENT
    }

    /** Begins a transaction that sees what others have committed, and that no statement can hold up for ever. */
    void begin(Connection connection, Use use) throws SQLException;

    /** Commits; when this throws, nobody knows whether it happened. */
    void commit(Connection connection, Use use) throws SQLException;

    /** Undoes everything since {@link #begin}. */
    void rollback(Connection connection) throws SQLException;

    /** Keeps what was written so far, whatever the next statement does. */
    void keep(Tx tx) throws SQLException;

    /** Undoes a statement that has failed, and what was written since {@link #keep} or {@link #begin}. */
    void undo(Tx tx) throws SQLException;

    /** The store's clock as a number: milliseconds since 1970. */
    String clock();

    /** What is put behind a query whose rows nobody may change until the commit. */
    String forUpdate();

    /** What is put behind a query whose rows must stay as they are until the commit. */
    String forShare();

    /** Whether a table of this bare name can be seen. */
    boolean hasTable(Tx tx, String name) throws SQLException;

    /** Reads the table's columns from the catalogue; none if there is no such table. */
    List<Column> columns(Tx tx, TableName table) throws SQLException;

    /** Whether the database tells of each row whether a statement has made or changed it. */
    boolean tellsNewRows(Tx tx, TableName table) throws SQLException;

    /**
     * What is put behind a table's name in a query that may do with about so many of its pages, the same ones each time; empty if the table
     * has not many more, or must be read as a whole.
     */
    String part(Tx tx, TableName table, int pages) throws SQLException;

    /** Refuses a name that this database cannot take as it is. */
    void checkName(String what, String name);

    /** The column type for a component of this class. */
    String columnType(Class<?> type);

    /** What a failure means. */
    Failures.Kind kind(SQLException e);

    /** An expression for the table's column in a query that reads rows. */
    String reading(Column column);

    /** A placeholder for a value of this column. */
    String placeholder(Column column);

    /** Whether two values of a column differ, one of which may be null. */
    String differ(Column column, String one, String other);

    /** A value of a column as it is bound to a {@link #placeholder}. */
    @Nullable
    Object bound(@Nullable Object cell);

    /** Now, or as long ago as said, as a value of this column. */
    String ago(Tx tx, TableName table, Column column, Duration lag) throws SQLException;

    /** What writes the rows of one batch into one table. */
    Writing writing(Tx tx, Plan plan, Outcomes outcomes);

    /** Writes rows. */
    interface Writing {
        /** Writes rows of one shape with different keys; refuses those at fault and writes the others. */
        void put(Shape shape, List<Row> rows) throws SQLException;
    }

    /** A name as it stands in a statement. */
    static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
