package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A stretch of time cut into windows, each of which is a partition of a job:
 *
 * <pre>{@code
 * .from(Windows.months(YearMonth.of(2020, 1), YearMonth.of(2025, 11)).each(site::sold))
 * }</pre>
 *
 * <p>A later run may name other months: the job's progress is a ledger of all windows that it was ever given, those that are done stay done, and those
 * that are not are taken up again. {@link #stretches} shows which are done, failed, open or missing.
 *
 * <p>A window that has not passed yet is open: it is read to the end that it has now, and read again from its start by the next run.
 *
 * <p>An immutable value.
 */
public final class Windows {

    /**
     * A window: the days from one to another.
     *
     * @param name the month, the first day, or for one that was cut by hand both days
     * @param from the first day
     * @param to the day behind the last
     * @param zone where its days begin
     */
    public record Window(String name, LocalDate from, LocalDate to, ZoneId zone) {

        /** When it begins. */
        public Instant begin() {
            return from.atStartOfDay(zone).toInstant();
        }

        /** When it has passed. */
        public Instant end() {
            return to.atStartOfDay(zone).toInstant();
        }
    }

    /**
     * Windows side by side that are in the same state.
     *
     * @param windows how many they are
     * @param state how far they are; empty if they are missing: never given to the job
     */
    public record Stretch(Window first, Window last, int windows, Optional<Report.State> state) {

        @Override
        public String toString() {
            String name = windows == 1 ? first.name() : first.name() + " to " + last.name();
            return name + " "
                    + state.map(it -> it.name().toLowerCase(java.util.Locale.ROOT))
                            .orElse("missing");
        }
    }

    /** How time is cut. */
    private interface Cutting {

        /** The window that begins at that day, if one does. */
        Optional<Window> at(LocalDate day, ZoneId zone);

        /** The day on which a window of that name begins. */
        LocalDate parse(String name);

        /** Whether it cannot become longer. */
        default boolean whole(Window window) {
            return true;
        }

        String definition();
    }

    private final Cutting cutting;
    private final LocalDate first;
    private final LocalDate end;
    private final ZoneId zone;
    private final Duration settling;
    private final Time time;

    private Windows(Cutting cutting, LocalDate first, LocalDate end, ZoneId zone, Duration settling) {
        if (!first.isBefore(end)) {
            throw new IllegalArgumentException(
                    "the windows end (" + end.minusDays(1) + ") before they begin (" + first + ")");
        }
        this.cutting = cutting;
        this.first = first;
        this.end = end;
        this.zone = zone;
        this.settling = settling;
        this.time = Ports.current().time();
    }

    private static Windows of(Cutting cutting, LocalDate first, LocalDate end) {
        return new Windows(cutting, first, end, ZoneOffset.UTC, Duration.ZERO);
    }

    /** The months from one to another, both included, named {@code 2020-01}. */
    public static Windows months(YearMonth first, YearMonth last) {
        return of(new Months(), first.atDay(1), last.plusMonths(1).atDay(1));
    }

    /** The days from one to another, both included, named {@code 2020-01-31}. */
    public static Windows days(LocalDate first, LocalDate last) {
        return days(first, last, 1);
    }

    /**
     * The days from one to another, both included, so many to a window. If the last one is shorter it stays open, since a later run may let it be
     * longer.
     *
     * @param length from 1 to 10,000
     */
    public static Windows days(LocalDate first, LocalDate last, int length) {
        LocalDate behind = last.plusDays(1);
        return of(new Days(first, behind, Job.between("the days of a window", length, 10_000)), first, behind);
    }

    /**
     * Windows cut at these days: from the first to the second, from the second to the third, and so on, without the last; named
     * {@code 2020-01-01..2020-03-15}.
     */
    public static Windows cut(LocalDate... days) {
        if (days.length < 2) {
            throw new IllegalArgumentException("windows need at least two days between which they lie");
        }
        for (int i = 1; i < days.length; i++) {
            if (!days[i - 1].isBefore(days[i])) {
                throw new IllegalArgumentException("the days " + days[i - 1] + " and " + days[i] + " are not in order");
            }
        }
        return of(new Cuts(List.of(days)), days[0], days[days.length - 1]);
    }

    /** These windows with days that begin in this zone, which is UTC if nothing is said. */
    public Windows in(ZoneId where) {
        return new Windows(cutting, first, end, Objects.requireNonNull(where, "where"), settling);
    }

    /** These windows where records may come so late: a window stays open until so long after its end. */
    public Windows settling(Duration lag) {
        return new Windows(cutting, first, end, zone, Job.notNegative("settling", lag));
    }

    /** All of them, in their order. */
    public List<Window> list() {
        return between(first, end);
    }

    private List<Window> between(LocalDate from, LocalDate to) {
        List<Window> windows = new ArrayList<>();
        LocalDate day = from;
        while (day.isBefore(to)) {
            Optional<Window> window = cutting.at(day, zone);
            window.ifPresent(windows::add);
            day = window.map(Window::to).orElse(day.plusDays(1));
        }
        return windows;
    }

    /**
     * A partition for each window, and for each that an earlier run of the job was given.
     *
     * @param source what reads a window; called with the first of them at once, and with each whenever a run begins, so it does no work itself
     */
    public <T> Partitioned<T> each(Function<? super Window, Source<T>> source) {
        return new Each<>(source);
    }

    /**
     * What became of these windows, and of others that are known, from the earliest to the latest, those between them included.
     *
     * @param states how far each window is, by its name, such as from {@link Report#states()}; other names are left out
     */
    public List<Stretch> stretches(Map<String, Report.State> states) {
        Map<LocalDate, Report.State> known = new TreeMap<>();
        states.forEach((name, state) -> named(name).ifPresent(window -> known.put(window.from(), state)));
        LocalDate from = first;
        LocalDate to = end;
        for (LocalDate day : known.keySet()) {
            from = day.isBefore(from) ? day : from;
            to = day.isBefore(to) ? to : day.plusDays(1);
        }
        List<Stretch> stretches = new ArrayList<>();
        for (Window window : between(from, to)) {
            Optional<Report.State> state = Optional.ofNullable(known.get(window.from()));
            int before = stretches.size() - 1;
            if (before >= 0 && stretches.get(before).state().equals(state)) {
                Stretch longer = stretches.get(before);
                stretches.set(before, new Stretch(longer.first(), window, longer.windows() + 1, state));
            } else {
                stretches.add(new Stretch(window, window, 1, state));
            }
        }
        return stretches;
    }

    private Optional<Window> named(String name) {
        try {
            return cutting.at(cutting.parse(name), zone)
                    .filter(window -> window.name().equals(name));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private final class Each<T> implements Partitioned<T> {

        private final Function<? super Window, Source<T>> source;
        private final Source<T> sample;

        Each(Function<? super Window, Source<T>> source) {
            this.source = source;
            this.sample = source.apply(list().get(0));
        }

        @Override
        public List<Partition<T>> partitions() {
            return partitions(List.of());
        }

        @Override
        public List<Partition<T>> partitions(List<String> known) {
            Map<String, Window> windows = new HashMap<>();
            list().forEach(window -> windows.put(window.name(), window));
            known.forEach(name -> named(name).ifPresent(window -> windows.putIfAbsent(name, window)));
            Instant now = time.now(); // once, for the clock may jump while this goes on
            return windows.values().stream()
                    .sorted(Comparator.comparing(Window::from))
                    .map(window -> partition(window, now))
                    .toList();
        }

        private Partition<T> partition(Window window, Instant now) {
            if (window.begin().isAfter(now)) {
                throw new IllegalArgumentException("the window " + window.name() + " begins in the future, at "
                        + window.begin() + "; end before it");
            }
            Partition<T> partition = Partition.of(window.name(), source.apply(window));
            boolean open = window.end().plus(settling).isAfter(now) || !cutting.whole(window);
            return open ? partition.openAt(Cursor.START) : partition;
        }

        @Override
        public Paging paging() {
            return sample.paging();
        }

        @Override
        public String definition() {
            String own = cutting.definition() + " in " + zone + (settling.isZero() ? "" : ", settling " + settling);
            return sample.definition().isEmpty() ? own : own + "\n" + sample.definition();
        }

        @Override
        public Optional<RateLimiter> limiter() {
            return sample.limiter();
        }
    }

    private record Months() implements Cutting {

        @Override
        public Optional<Window> at(LocalDate day, ZoneId zone) {
            return day.getDayOfMonth() == 1
                    ? Optional.of(new Window(YearMonth.from(day).toString(), day, day.plusMonths(1), zone))
                    : Optional.empty();
        }

        @Override
        public LocalDate parse(String name) {
            return YearMonth.parse(name).atDay(1);
        }

        @Override
        public String definition() {
            return "months";
        }
    }

    /** Windows of some days, counted from one of them. */
    private record Days(LocalDate origin, LocalDate end, int length) implements Cutting {

        @Override
        public Optional<Window> at(LocalDate day, ZoneId zone) {
            if (Math.floorMod(day.toEpochDay() - origin.toEpochDay(), (long) length) != 0) {
                return Optional.empty();
            }
            LocalDate whole = day.plusDays(length);
            boolean cut = day.isBefore(end) && whole.isAfter(end);
            return Optional.of(new Window(day.toString(), day, cut ? end : whole, zone));
        }

        @Override
        public LocalDate parse(String name) {
            return LocalDate.parse(name);
        }

        @Override
        public boolean whole(Window window) {
            return window.from().plusDays(length).equals(window.to());
        }

        @Override
        public String definition() {
            // where they are cut must not move, or windows that are done would be overlapped by others
            long place = Math.floorMod(origin.toEpochDay(), (long) length);
            return "windows of " + length + " days"
                    + (length == 1 ? "" : ", cut at day " + place + " of them since 1970");
        }
    }

    private record Cuts(List<LocalDate> days) implements Cutting {

        @Override
        public Optional<Window> at(LocalDate day, ZoneId zone) {
            int index = days.indexOf(day);
            return index < 0 || index == days.size() - 1
                    ? Optional.empty()
                    : Optional.of(new Window(day + ".." + days.get(index + 1), day, days.get(index + 1), zone));
        }

        @Override
        public LocalDate parse(String name) {
            return LocalDate.parse(name.split("\\.\\.", 2)[0]);
        }

        @Override
        public String definition() {
            return "windows cut by hand";
        }
    }
}
