package dev.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CursorTest {

    /** A position of several things. */
    record Place(LocalDate day, int skip, List<String> anchors) {}

    @Test
    void givesBackWhatItWasMadeOf() {
        Place place = new Place(LocalDate.of(2024, 2, 29), 300, List.of("a", "ü\n"));
        Cursor read = Cursor.parse(Cursor.of(place).json());
        assertThat(read).isEqualTo(Cursor.of(place)).hasSameHashCodeAs(Cursor.of(place));
        assertThat(read.as(Place.class)).contains(place);
        assertThat(Cursor.of(17).orElse(1)).isEqualTo(17);
        assertThat(Cursor.of(5_000_000_000L).orElse(1L)).isEqualTo(5_000_000_000L);
        assertThat(Cursor.of("key").orElse("")).isEqualTo("key");
        assertThat(Cursor.of(Map.of("a", 1)).orElse(Map.of())).isEqualTo(Map.of("a", 1));
        assertThat(Cursor.of(LocalDate.of(2024, 1, 1)).orElse(LocalDate.MIN)).isEqualTo(LocalDate.of(2024, 1, 1));
    }

    /** A journal once gave 1.7E9 back as 1.7E+9, so a window that ended there was opened again by every run. */
    @Test
    void isTheSamePositionHoweverAStoreWritesItsNumber() {
        assertThat(Cursor.of(1.7e9)).isEqualTo(Cursor.parse("1.7E+9")).isEqualTo(Cursor.parse("1.7e9"));
        assertThat(Cursor.parse(Cursor.of(1.7e9).json())).isEqualTo(Cursor.of(1.7e9));
        assertThat(Cursor.of(1.7e9).orElse(0.0)).isEqualTo(1.7e9);
        assertThat(Cursor.of("a1e5").json()).isEqualTo("\"a1e5\"");
    }

    @Test
    void givesTheFirstPositionAtTheStart() {
        assertThat(Cursor.START.orElse(1)).isEqualTo(1);
        assertThat(Cursor.START.as(String.class)).isEmpty();
        assertThat(Cursor.parse("null")).isEqualTo(Cursor.START);
        assertThat(Cursor.START.isStart()).isTrue();
    }

    @Test
    void refusesWhatCannotBeStored() {
        assertThatThrownBy(() -> Cursor.of(new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be stored");
        assertThatThrownBy(() -> Cursor.of("x".repeat(2_000_000))).hasMessageContaining("too large");
        assertThatThrownBy(() -> Cursor.parse("{\"a\":")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cursor.parse("1 2")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cursor.of("word").orElse(1))
                .hasMessageContaining("\"word\"")
                .hasMessageContaining("Integer");
    }

    @Test
    void pageRefusesANullCursorByName() {
        assertThatThrownBy(() -> Page.of(List.of(), null))
                .hasMessageContaining("Page.last")
                .hasMessageContaining("until");
        assertThatThrownBy(() -> Page.of(List.of(1), Cursor.START)).hasMessageContaining("begin again for ever");
        assertThatThrownBy(() -> Page.last(java.util.Arrays.asList(1, null))).hasMessageContaining("null record");
        assertThat(Page.until(List.of(1), null).next()).isEmpty();
        assertThat(Page.until(List.of(1), java.util.Optional.of(2)).next()).contains(Cursor.of(2));
    }

    /** A map's own order may be another in each process, and then the same place would not be known again. */
    @Test
    void storesEqualMapsAsTheSameText() {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("skip", 2);
        one.put("inner", Map.of("b", 1));
        one.put("after", "x");
        assertThat(Cursor.of(one).json()).isEqualTo("{\"after\":\"x\",\"inner\":{\"b\":1},\"skip\":2}");
        assertThat(Cursor.of(one)).isEqualTo(Cursor.of(new TreeMap<>(one)));
    }
}
