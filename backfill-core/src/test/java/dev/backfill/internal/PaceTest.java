package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {

    @Test
    void halvesAndGrowsSlowlyUpToTheMost() {
        Pace pace = new Pace(500);
        pace.tooMuch(500);
        assertThat(pace.records()).isEqualTo(250);
        pace.well(100); // says nothing of more
        assertThat(pace.records()).isEqualTo(250);
        pace.well(250);
        assertThat(pace.records()).isEqualTo(255);
        for (int i = 0; i < 100; i++) {
            pace.well(pace.records());
        }
        assertThat(pace.records()).isEqualTo(500);
    }

    @Test
    void neverComesDownToNothing() {
        Pace pace = new Pace(500);
        pace.tooMuch(1);
        assertThat(pace.records()).isEqualTo(1);
        pace.well(1);
        assertThat(pace.records()).isEqualTo(2);
    }
}
