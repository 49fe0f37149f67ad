package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.ser.std.ToStringSerializer;

class PlainRecordTest {

    record Plain(String getName, int x, Long perhaps, BigDecimal aBCDecimal, boolean flag, Instant at_time) {}

    record Nested(String text, List<String> list) {}

    record Annotated(
            @JsonSerialize(using = ToStringSerializer.class) long number) {}

    @JsonDeserialize
    record AnnotatedAsAWhole(long number) {}

    record AnnotatedAtItsConstructor(long number) {
        AnnotatedAtItsConstructor(@JsonDeserialize long number) {
            this.number = number;
        }
    }

    interface Told {
        @JsonSerialize(using = ToStringSerializer.class)
        long number();
    }

    record AnnotatedByItsInterface(long number) implements Told {}

    record WithAGetter(long number) {
        public String getText() {
            return "one more column";
        }
    }

    record WithAGetterForAComponent(String name) {
        public String getName() {
            return name.strip();
        }
    }

    interface Stripped {
        String name();

        default String getName() {
            return name().strip();
        }
    }

    record WithAGetterOfItsInterface(String name) implements Stripped {}

    record Empty() {}

    record Generic<T>(T value) {}

    record Choosy(String text) {
        Choosy {
            if (text.isEmpty()) {
                throw new IllegalStateException("a text has characters");
            }
        }

        @Override
        public String text() {
            if (text.equals("secret")) {
                throw new UnsupportedOperationException("not told");
            }
            if (text.equals("deep")) {
                throw new StackOverflowError();
            }
            return text;
        }
    }

    private static Optional<PlainRecord> of(Class<?> type) {
        return new Records().of(type).plain();
    }

    @Test
    void takesValuesOutAndPutsThemIn() {
        PlainRecord plain = of(Plain.class).orElseThrow();
        Plain record = new Plain("a", 1, null, new BigDecimal("1.50"), true, Instant.EPOCH);
        assertThat(plain.names()).hasSize(6).contains("x", "perhaps");
        assertThat(plain.values(record)).containsExactly("a", 1, null, new BigDecimal("1.50"), true, Instant.EPOCH);
        assertThat(plain.make(plain.values(record))).isEqualTo(record);
    }

    record Named(
            int aB, int URL, int aURLOf, int x1, int x1Y, int _under, int under_, int a$b, int Ünder, boolean isOpen) {}

    @Test
    void namesColumnsAsJacksonDoes() {
        Named record = new Named(1, 2, 3, 4, 5, 6, 7, 8, 9, true);
        Records.Binding binding = new Records().of(Named.class);
        assertThat(binding.plain()).isPresent();
        assertThat(binding.columns().keySet())
                .containsExactlyElementsOf(binding.mapper().valueToTree(record).propertyNames());
    }

    record Clashing(int aB, int a_b) {}

    @Test
    void leavesToJacksonToSayThatTwoComponentsAreOneColumn() {
        assertThatThrownBy(() -> of(Clashing.class)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void leavesToJacksonWhatIsSaidToJackson() {
        for (Class<?> type : List.of(
                Nested.class,
                Annotated.class,
                AnnotatedAsAWhole.class,
                AnnotatedAtItsConstructor.class,
                AnnotatedByItsInterface.class,
                WithAGetter.class,
                WithAGetterForAComponent.class,
                WithAGetterOfItsInterface.class,
                Empty.class,
                Generic.class,
                String.class,
                java.util.Map.class)) {
            assertThat(of(type)).as(type.getSimpleName()).isEmpty();
        }
    }

    @Test
    void saysWhatARecordSays() {
        PlainRecord plain = of(Choosy.class).orElseThrow();
        assertThatThrownBy(() -> plain.make(new Object[] {""}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a text has characters");
        assertThatThrownBy(() -> plain.values(new Choosy("secret")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not told");
        assertThatThrownBy(() -> plain.values(new Choosy("deep"))).isInstanceOf(StackOverflowError.class);
    }
}
