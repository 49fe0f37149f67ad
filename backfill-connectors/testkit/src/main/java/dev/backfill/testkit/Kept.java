package dev.backfill.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Finds out which objects are kept by somebody, with the garbage collector's help. */
final class Kept {

    private static final int ROUNDS = 20;

    private final Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<WeakReference<Object>> given = new ArrayList<>();

    /** Objects that may be kept: those of a source that has its data in memory. */
    void known(Collection<?> objects) {
        known.addAll(objects);
    }

    /** Objects that should be kept by nobody. */
    void given(Collection<?> objects) {
        for (Object object : objects) {
            if (!known.contains(object)) {
                given.add(new WeakReference<>(object));
            }
        }
    }

    /** How many of those given are still held by somebody. */
    int alive() {
        WeakReference<Object> proof = new WeakReference<>(new Object());
        int alive = given.size();
        for (int i = 0; i < ROUNDS && (alive > 0 || proof.get() != null); i++) {
            System.gc();
            alive = (int) given.stream().filter(it -> it.get() != null).count();
            if (proof.get() == null && i > 2) {
                break;
            }
        }
        if (proof.get() != null) {
            abort("not checked: this machine's garbage collector does not work when it is asked to");
        }
        return alive;
    }
}
