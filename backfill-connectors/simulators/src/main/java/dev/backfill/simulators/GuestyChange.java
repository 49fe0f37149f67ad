package dev.backfill.simulators;

/** Something that happens in a simulated Guesty while a client reads it. */
public enum GuestyChange {
    /** A guest writes in a conversation that is there. */
    POST,
    /** A guest writes for the first time: a new conversation at the head of the list. */
    CONVERSATION,
    /** The text of a post is changed. */
    EDIT,
    /** A post is deleted. */
    REMOVE_POST,
    /** A conversation is deleted with all its posts. */
    REMOVE_CONVERSATION,
    /** Somebody reads a conversation, or marks it as unread. */
    READ
}
