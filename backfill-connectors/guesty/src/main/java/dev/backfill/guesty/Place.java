package dev.backfill.guesty;

import org.jspecify.annotations.Nullable;

/**
 * A place in the messages of an account: in the list of conversations, and in the posts of one of them.
 *
 * @param since milliseconds; messages that were written before are not wanted, whenever the pass goes on
 * @param list the page of conversations that is in work
 * @param conversation the one that is read; null before the first of the page
 * @param posts where in it
 * @param again how often its posts were begun anew since Guesty did not take the cursor
 * @param idle how many pages in a row have brought no message
 * @param anew how often the list was begun anew since Guesty did not take the cursor
 */
record Place(long since, Trail list, @Nullable String conversation, Trail posts, int again, int idle, int anew) {

    static Place first(long since) {
        return new Place(since, Trail.START, null, Trail.START, 0, 0, 0);
    }

    /** At the begin of a conversation of the same page. */
    Place conversation(String id) {
        return new Place(since, list, id, Trail.START, 0, idle, anew);
    }

    /** Further in the posts of a conversation. */
    Place posts(String id, Trail posts) {
        return new Place(since, list, id, posts, again, idle, anew);
    }

    /** At the begin of the posts of a conversation once more. */
    Place again(String id) {
        return new Place(since, list, id, Trail.START, again + 1, idle, anew);
    }

    /** At the begin of another page of conversations. */
    Place list(Trail list) {
        return new Place(since, list, null, Trail.START, 0, idle, anew);
    }

    /** At the begin of the list once more, in the same pass. */
    Place fromTheStart() {
        return new Place(since, Trail.START, null, Trail.START, 0, 0, anew + 1);
    }

    /** The same place, behind a page that brought so many messages. */
    Place behind(int messages) {
        return new Place(since, list, conversation, posts, again, messages == 0 ? idle + 1 : 0, anew);
    }

    /**
     * How many calls may go into one page while none of them brings a message: the more, the longer it has been so, since an account may have many
     * thousand conversations in which nobody wrote of late. A crash repeats as many.
     */
    int mostCalls() {
        return 1 + idle / 2;
    }
}
