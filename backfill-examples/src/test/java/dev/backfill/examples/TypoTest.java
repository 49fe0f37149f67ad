package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TypoTest {

    @Test
    void aMistypedOptionIsRefusedWithWhatMayBeMeant() {
        MainTest.Ended option = MainTest.here("blaze-items", "--paralel", "3");
        assertThat(option.code()).isEqualTo(Exit.USAGE);
        assertThat(option.text().strip().lines()).hasSize(1);
        assertThat(option.text()).contains("--paralel").contains("did you mean").contains("--parallel");
        MainTest.Ended job = MainTest.here("blaze-itmes");
        assertThat(job.code()).isEqualTo(Exit.USAGE);
        assertThat(job.text()).contains("blaze-itmes").contains("did you mean").contains("blaze-items");
    }
}
