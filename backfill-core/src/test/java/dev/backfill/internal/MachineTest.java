package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MachineTest {

    @Test
    void tellsALivingProcessFromADeadOne() throws Exception {
        String self = Machine.process().orElseThrow();
        assertThat(Machine.isDead(self)).isFalse();
        String[] parts = self.split(" ");
        Process child = new ProcessBuilder("true").start();
        child.waitFor();
        String dead = parts[0] + " " + parts[1] + " " + parts[2] + " " + child.pid() + " " + parts[4];
        assertThat(Machine.isDead(dead)).isTrue();
        String reused =
                parts[0] + " " + parts[1] + " " + parts[2] + " " + parts[3] + " " + (Long.parseLong(parts[4]) - 1);
        assertThat(Machine.isDead(reused))
                .as("its number now belongs to another")
                .isTrue();
    }

    @Test
    void knowsAProcessByWhatDoesNotMoveWithTheClock() throws Exception {
        String[] parts = Machine.process().orElseThrow().split(" ");
        String stat = Files.readString(Path.of("/proc/self/stat"));
        assertThat(stat).contains(" " + parts[4] + " ");
    }

    @Test
    void saysNothingOfOtherOwnersProcesses() {
        String[] parts = Machine.process().orElseThrow().split(" ");
        assertThat(Machine.isDead(parts[0] + " " + parts[1] + " 4242 9999999 0"))
                .as("it may be hidden from us")
                .isFalse();
        assertThat(Machine.isDead(parts[0] + " " + parts[1] + " " + parts[2] + " 9999999 0"))
                .isTrue();
    }

    @Test
    void saysNothingOfOtherMachines() {
        String[] parts = Machine.process().orElseThrow().split(" ");
        assertThat(Machine.isDead("another-boot " + parts[1] + " " + parts[2] + " 9999999 0"))
                .isFalse();
        assertThat(Machine.isDead(parts[0] + " pid:[1] " + parts[2] + " 9999999 0"))
                .isFalse();
        assertThat(Machine.isDead("")).isFalse();
        assertThat(Machine.isDead(parts[0] + " " + parts[1] + " " + parts[2] + " x y"))
                .isFalse();
    }
}
