package dev.backfill.benchmarks.blaze;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A connection to the API for one thread at a time. */
interface Transport {

    /** Opens one to this address. */
    interface Opening {
        Transport open(String vendor);
    }

    /**
     * The body of an answer, which is there until the next call.
     *
     * @throws IOException also if the answer is not 200
     */
    ByteBuffer get(String path) throws IOException, InterruptedException;
}
