package dev.backfill.examples;

import dev.backfill.RateLimiter.Limit;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How days, times and limits are written on the command line, and for a person. */
final class Text {

    private Text() {}

    /** {@code 2024-01-31}. */
    static final class Day implements ITypeConverter<LocalDate> {
        @Override
        public LocalDate convert(String text) {
            try {
                return LocalDate.parse(text);
            } catch (DateTimeException e) {
                throw new TypeConversionException("'" + text + "' is not a day like 2024-01-31");
            }
        }
    }

    /** {@code 2024-01}. */
    static final class Month implements ITypeConverter<YearMonth> {
        @Override
        public YearMonth convert(String text) {
            try {
                return YearMonth.parse(text);
            } catch (DateTimeException e) {
                throw new TypeConversionException("'" + text + "' is not a month like 2024-01");
            }
        }
    }

    /** {@code https://host/}. */
    static final class Url implements ITypeConverter<URI> {
        @Override
        public URI convert(String text) {
            try {
                URI url = new URI(text);
                if (url.getHost() != null) {
                    return url;
                }
            } catch (URISyntaxException e) {
                // told below, without what may be a password inside
            }
            throw new TypeConversionException("this is not an address like https://host or http://127.0.0.1:8080");
        }
    }

    /** {@code 50ms}, {@code 30s}, {@code 5m}, {@code 1h}, or {@code 0}. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            int digits = 0;
            while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
                digits++;
            }
            if (digits == 0 || digits > 9) {
                throw wrong(text);
            }
            long number = Long.parseLong(text.substring(0, digits));
            return switch (text.substring(digits)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                case "" -> {
                    if (number != 0) {
                        throw wrong(text);
                    }
                    yield Duration.ZERO;
                }
                default -> throw wrong(text);
            };
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException("'" + text + "' is not a time like 50ms, 30s, 5m or 1h");
        }
    }

    /** {@code 7500/5m,15/1s}. */
    static final class Limits implements ITypeConverter<LimitList> {
        @Override
        public LimitList convert(String text) {
            List<Limit> limits = new ArrayList<>();
            for (String part : text.split(",", -1)) {
                try {
                    limits.add(Limit.parse(part));
                } catch (IllegalArgumentException e) {
                    throw new TypeConversionException(e.getMessage());
                }
            }
            return new LimitList(limits);
        }
    }

    /** Several limits as one value of an option. */
    record LimitList(List<Limit> limits) {
        LimitList {
            limits = List.copyOf(limits);
        }

        static LimitList of(Limit... limits) {
            return new LimitList(List.of(limits));
        }

        Limit[] array() {
            return limits.toArray(Limit[]::new);
        }
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String share(double part) {
        double percent = part * 100;
        return percent > 0 && percent < 1 ? "<1 %" : Math.round(percent) + " %";
    }

    /** {@code 0:42}, {@code 1:02:03}. */
    static String clock(Duration length) {
        long seconds = (length.toMillis() + 999) / 1_000;
        return seconds < 3_600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
}
