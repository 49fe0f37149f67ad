package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineTest {

    @Test
    void tellsALivingProcessFromADeadOne() throws Exception {
        String self = Machine.process().orElseThrow();
        assertThat(Machine.isDead(self)).isFalse();
        String[] parts = self.split(" ");
        Process child = new ProcessBuilder("true").start();
        child.waitFor();
        String dead = parts[0] + " " + parts[1] + " " + child.pid() + " " + parts[3];
        assertThat(Machine.isDead(dead)).isTrue();
        String reused = parts[0] + " " + parts[1] + " " + parts[2] + " " + (Long.parseLong(parts[3]) - 60_000);
        assertThat(Machine.isDead(reused))
                .as("its number now belongs to another")
                .isTrue();
    }

    @Test
    void saysNothingOfOtherMachines() {
        String[] parts = Machine.process().orElseThrow().split(" ");
        assertThat(Machine.isDead("another-boot " + parts[1] + " 999999 0")).isFalse();
        assertThat(Machine.isDead(parts[0] + " pid:[1] 999999 0")).isFalse();
        assertThat(Machine.isDead("")).isFalse();
        assertThat(Machine.isDead(parts[0] + " " + parts[1] + " x y")).isFalse();
    }
}
