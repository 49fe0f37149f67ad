package dev.backfill.simulators;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** One thing that Typesense does, or may do, and that its clients must bear. */
public enum TypesenseQuirk {
    /** Quotes in the message of an error are left as they are, so that the body is no JSON. */
    RAW_ERRORS,
    /** The results of lines that were refused have the line in them, whatever the version and {@code return_doc}. */
    DOCUMENT_ALWAYS,
    /** {@code return_id} adds nothing to the results of lines that were refused. */
    NO_ID_IN_FAILURES,
    /** Between the results of two stretches of an import there is an empty line, too. */
    BLANK_RESULT_LINES,
    /** Imports and exports end with a line break. */
    TRAILING_NEWLINE,
    /** A line of an import that ends in {@code \r} is bad JSON. */
    CARRIAGE_RETURN_REFUSED,
    /** The answer to a change of one document has only what was sent. */
    PATCH_ECHOES_PART,
    /** The parameter {@code limit_hits} is ignored. */
    LIMIT_HITS_FIXED,
    /** A filter with {@code !=} leaves out the documents that lack the field. */
    NOT_EQUAL_NEEDS_FIELD,
    /** Nobody can ask for the progress of changes of the schema. */
    SCHEMA_CHANGES_UNKNOWN,
    /** One change of a schema at a time, whatever the collection; always so before version 28. */
    ONE_SCHEMA_CHANGE,
    /** Health is told as good while calls are refused because the node lags behind. */
    HEALTHY_WHILE_LAGGING,
    /** Answers are compressed for clients that accept it. */
    GZIP;

    /** What a simulator does when nothing is said: what was read in Typesense's source. */
    public static final Set<TypesenseQuirk> STANDARD = Collections.unmodifiableSet(EnumSet.of(RAW_ERRORS));
}
