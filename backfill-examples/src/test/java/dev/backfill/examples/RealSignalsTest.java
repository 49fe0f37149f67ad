package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Signals, pauses and other ends of real processes: they end as they should, and the next one goes on. */
class RealSignalsTest {

    private static final int TIMES = Math.max(1, Integer.getInteger("backfill.realkills", 100) / 20);

    @TempDir
    Path temp = Path.of("");

    private static void goesOn(KilledStore store, String after) throws Exception {
        try (Child next = Child.start(store, KilledJob.Fate.NOTHING, 0)) {
            next.completes();
        }
        store.holdsEverythingOnce(after);
    }

    @ParameterizedTest
    @EnumSource(KilledStore.Kind.class)
    void aSignalEndsItCleanlyAtAnyMoment(KilledStore.Kind kind) throws Exception {
        SplittableRandom random = new SplittableRandom(kind.ordinal());
        KilledStore store = KilledStore.of(kind, temp);
        Map<Integer, Integer> codes = new TreeMap<>();
        for (int i = 0; i < TIMES; i++) {
            try (Child child = Child.start(store, KilledJob.Fate.NOTHING, 0)) {
                if (child.says("saved", 1 + random.nextInt(5))) {
                    String signal = i % 2 == 0 ? "TERM" : "INT";
                    child.signal(signal);
                    int code = child.end();
                    codes.merge(code, 1, Integer::sum);
                    if (!child.said().contains("ended COMPLETE")) { // else it was done before the signal came
                        assertThat(code).as(child.said()).isEqualTo(signal.equals("TERM") ? 143 : 130);
                        assertThat(child.said()).contains("ended INTERRUPTED");
                    }
                }
            }
        }
        goesOn(store, "after signals");
        System.out.println("real signals on " + kind + ", by exit code: " + codes);
    }

    @Test
    void aHangUpEndsItAtOnceAndLosesNothing() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.SQLITE, temp);
        for (int i = 1; i <= 2; i++) {
            try (Child child = Child.start(store, KilledJob.Fate.NOTHING, 0)) {
                assertThat(child.says("saved", i)).isTrue();
                child.signal("HUP");
                assertThat(child.end()).as(child.said()).isEqualTo(129);
            }
        }
        goesOn(store, "after SIGHUP");
    }

    @Test
    void aSecondSignalEndsAtOnceWhatTheFirstCannot() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.SQLITE, temp);
        try (Child child = Child.start(store, KilledJob.Fate.DEAF, 20)) {
            assertThat(child.says("hangs", 1)).isTrue();
            int signals = 0;
            do {
                child.signal("TERM");
                signals++;
            } while (!child.endsWithin(200));
            assertThat(child.end()).isEqualTo(143);
            assertThat(signals).as("it is deaf to the first").isGreaterThan(1);
            assertThat(child.said()).doesNotContain("ended");
        }
        goesOn(store, "after a second signal");
    }

    @Test
    void aCallThatHangsHoldsASignalUpNoLongerThanTheGraceTime() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.FILES, temp);
        try (Child child = Child.start(store, KilledJob.Fate.HANG, 20)) {
            assertThat(child.says("hangs", 1)).isTrue();
            child.signal("TERM");
            assertThat(child.end()).isEqualTo(143);
            assertThat(child.said()).contains("ended INTERRUPTED");
        }
        goesOn(store, "after a call that hangs");
    }

    @Test
    void aSignalBeforeTheBeginningOrAfterTheEndDoesWhatItAlwaysDoes() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.SQLITE, temp);
        try (Child child = Child.start(store, KilledJob.Fate.NOTHING, 0)) {
            child.signal("TERM");
            assertThat(child.end()).as(child.said()).isIn(143);
        }
        try (Child child = Child.start(store, KilledJob.Fate.LINGER, 0)) {
            assertThat(child.says("lingers", 1)).isTrue();
            assertThat(child.said()).contains("ended COMPLETE");
            child.signal("TERM");
            assertThat(child.end()).as("the signal is given back").isEqualTo(143);
        }
        goesOn(store, "after signals before and after");
    }

    @Test
    void withoutAHandlerASignalIsAKill() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.FILES, temp);
        try (Child child = Child.start(store, KilledJob.Fate.NO_HANDLER, 0)) {
            assertThat(child.says("saved", 2)).isTrue();
            child.signal("TERM");
            assertThat(child.end()).isEqualTo(143);
            assertThat(child.said()).doesNotContain("ended");
        }
        try (Child child = Child.start(store, KilledJob.Fate.NOTHING, 0, "-Xrs")) {
            assertThat(child.says("saved", 2)).isTrue();
            child.signal("TERM");
            assertThat(child.end()).isEqualTo(143);
            assertThat(child.said()).contains("signals cannot be caught here").doesNotContain("ended");
        }
        goesOn(store, "after signals that nobody caught");
    }

    /** As in a container: for the first process of a name space the kernel drops signals that nobody has asked for. */
    @Test
    void aSignalEndsItCleanlyAsTheFirstProcessOfAContainer() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.FILES, temp);
        List<String> unshare = List.of("unshare", "--pid", "--fork", "--kill-child");
        assumeTrue(
                Child.works(List.of("unshare", "--pid", "--fork", "--kill-child", "true")),
                "LEFT OUT: no name space of its own to be had");
        Process process = Child.builder(store, unshare, Child.with(store, List.of()), KilledJob.Fate.NOTHING, 0)
                .start();
        try (Child child = Child.of(process)) {
            assertThat(child.says("saved", 2)).as(child.said()).isTrue();
            ProcessHandle first = process.children().findFirst().orElseThrow();
            Child.signal("TERM", first);
            assertThat(child.end()).as(child.said()).isEqualTo(143);
            assertThat(child.said()).contains("ended INTERRUPTED");
        }
        goesOn(store, "after a signal to process 1");
    }

    /** Paused past its lease, it finds on waking that another has the job, and leaves everything as it is. */
    @ParameterizedTest
    @EnumSource(value = KilledStore.Kind.class, mode = Mode.EXCLUDE, names = "FILES")
    void aProcessThatWasPausedPastItsLeaseChangesNothingMore(KilledStore.Kind kind) throws Exception {
        KilledStore store = KilledStore.of(kind, temp);
        try (Child paused = Child.start(store, KilledJob.Fate.WAIT, 0)) {
            assertThat(paused.says("waits", 1)).isTrue();
            paused.signal("STOP");
            store.execute("UPDATE backfill_job SET lease_until = 1"); // its lease is over
            goesOn(store, "while the first is paused");
            Files.createFile(store.folder().resolve("go"));
            paused.signal("CONT");
            assertThat(paused.end()).as(paused.said()).isEqualTo(Exit.FAILED);
            assertThat(paused.said()).contains("another runner has taken over").doesNotContain("ended");
            store.holdsEverythingOnce("after the first has woken");
        }
    }

    /** With files, the kernel's lock is its own for as long as it lives, however long it is paused. */
    @Test
    void aPausedProcessKeepsItsFiles() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.FILES, temp);
        try (Child paused = Child.start(store, KilledJob.Fate.NOTHING, 0)) {
            assertThat(paused.says("saved", 1)).isTrue();
            paused.signal("STOP");
            try (Child other = Child.start(store, KilledJob.Fate.IMPATIENT, 0)) {
                assertThat(other.end()).as(other.said()).isEqualTo(Exit.REFUSED);
                assertThat(other.said()).contains("is held by").doesNotContain("saved");
            }
            paused.signal("CONT");
            paused.completes();
        }
        store.holdsEverythingOnce("after a pause");
    }

    @Test
    void aStepThatEndsTheJvmIsAKill() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.SQLITE, temp);
        try (Child child = Child.start(store, KilledJob.Fate.EXIT, 40)) {
            assertThat(child.end()).as(child.said()).isEqualTo(7);
        }
        goesOn(store, "after System.exit");
    }

    @Test
    void whatRunsOutOfMemoryFailsAndMarksNothingDone() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.FILES, temp);
        try (Child child = Child.start(store, KilledJob.Fate.MEMORY, 40)) {
            assertThat(child.end()).as(child.said()).isEqualTo(1);
            assertThat(child.said()).contains("OutOfMemoryError").doesNotContain("ended");
        }
        goesOn(store, "after running out of memory");
    }

    @Test
    void goesOnAlthoughNobodyReadsWhatItSays() throws Exception {
        KilledStore store = KilledStore.of(KilledStore.Kind.FILES, temp);
        try (Child child = Child.start(store, KilledJob.Fate.NOTHING, 0)) {
            child.closeOutput();
            assertThat(child.endUnread()).as("a closed pipe").isZero();
        }
        store.holdsEverythingOnce("with a closed pipe");
        KilledStore other = KilledStore.of(KilledStore.Kind.FILES, temp);
        try (Child child = Child.start(other, KilledJob.Fate.NOTHING, 0)) {
            assertThat(child.endUnread()).as("a pipe that is never read").isZero();
        }
        other.holdsEverythingOnce("with a pipe that is never read");
    }
}
