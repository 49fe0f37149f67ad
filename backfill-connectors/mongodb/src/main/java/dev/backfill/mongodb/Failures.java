package dev.backfill.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoConfigurationException;
import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoException;
import com.mongodb.MongoIncompatibleDriverException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerUnavailableException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import dev.backfill.BackfillException;
import dev.backfill.TransientException;
import java.util.Set;

/** What the failures of MongoDB mean for a run. */
final class Failures {

    private static final int MAX_WORDS = 400;

    static final int DUPLICATE = 11000;
    private static final int UNAUTHORIZED = 13;
    private static final int AUTHENTICATION = 18;
    private static final int ATLAS = 8000;

    /** Networks, elections, deadlines, conflicts, full disks, and too many requests at once. */
    private static final Set<Integer> PASSING = Set.of(
            6, 7, 24, 43, 50, 64, 89, 91, 112, 117, 133, 134, 175, 189, 202, 237, 262, 317, 318, 365, 9001, 10107,
            11600, 11601, 11602, 13435, 13436, 14031, 16500);

    private Failures() {}

    /** The failure as the runner understands it. */
    static RuntimeException of(String doing, MongoException e, Place place) {
        String advice = advice(e, place);
        String message = doing + " failed in " + place + ": " + words(e) + (advice.isEmpty() ? "" : "; " + advice);
        return passes(e) ? new TransientException(message, e) : new BackfillException(message, e);
    }

    private static boolean passes(Throwable e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof MongoSocketException
                    || at instanceof MongoTimeoutException
                    || at instanceof MongoConnectionPoolClearedException
                    || at instanceof MongoServerUnavailableException
                    || at instanceof MongoWriteConcernException
                    || (at instanceof MongoException failure
                            && (PASSING.contains(code(failure)) || failure.hasErrorLabel("RetryableWriteError")))) {
                return true;
            }
        }
        return false;
    }

    /** The server's number of this failure; of several writes, that of the first that failed. */
    static int code(MongoException e) {
        if (e instanceof MongoBulkWriteException bulk) {
            if (!bulk.getWriteErrors().isEmpty()) {
                return bulk.getWriteErrors().get(0).getCode();
            }
            return bulk.getWriteConcernError() == null
                    ? bulk.getCode()
                    : PASSING.contains(bulk.getWriteConcernError().getCode())
                            ? bulk.getWriteConcernError().getCode()
                            : 64;
        }
        return e.getCode();
    }

    /** What was said, on one line. A command's failure without the whole answer. */
    static String words(MongoException e) {
        String said = e instanceof MongoCommandException command
                ? command.getErrorMessage() + " (" + command.getErrorCode()
                        + (command.getErrorCodeName().isEmpty() ? "" : " " + command.getErrorCodeName()) + ")"
                : String.valueOf(e.getMessage());
        String line = said.lines().findFirst().orElse("").strip();
        return line.length() <= MAX_WORDS ? line : line.substring(0, MAX_WORDS) + "…";
    }

    private static String advice(MongoException e, Place place) {
        String setting = place.account().setting();
        String user = place.account().user();
        if (user == null && (code(e) == UNAUTHORIZED || e instanceof MongoSecurityException)) {
            return setting + " names no user, and this MongoDB wants one";
        }
        if (code(e) == UNAUTHORIZED) {
            return "give the user '" + user + "' of " + setting + " the role readWrite on the database '"
                    + place.database() + "'";
        }
        if (code(e) == AUTHENTICATION || code(e) == ATLAS || (e instanceof MongoSecurityException && !passes(e))) {
            return "check the user '" + user + "' of " + setting + ", its password and its authSource";
        }
        if (e instanceof MongoTimeoutException) {
            return "look whether it runs, whether " + setting + " names its hosts and whether it wants tls=true,"
                    + " and whether this machine may reach it (firewall, access list)";
        }
        if (e instanceof MongoIncompatibleDriverException) {
            return "use MongoDB 4.2 or newer";
        }
        if (e instanceof MongoConfigurationException) {
            return "check " + setting;
        }
        return code(e) == 14031 ? "make room on the server's disk" : "";
    }
}
