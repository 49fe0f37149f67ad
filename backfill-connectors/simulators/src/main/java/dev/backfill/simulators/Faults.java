package dev.backfill.simulators;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides which answers go wrong: a function of the seed, the request, and how often it went wrong just before. So a run meets
 * the same faults whatever its threads do, and a client that tries again gets through.
 */
final class Faults {

    private static final int MOST_IN_A_ROW = 3;
    private static final int[] STATUS = {500, 502, 503, 504};

    private final long seed;
    private final double percent;
    private final List<Fault> kinds;
    private final Map<String, Integer> inARow = new ConcurrentHashMap<>();

    Faults(long seed, double percent, List<Fault> kinds) {
        this.seed = seed;
        this.percent = percent;
        this.kinds = kinds;
    }

    /**
     * @param fault what goes wrong
     * @param dice for the details
     */
    record Choice(Fault fault, long dice) {

        Reply error() {
            int status = STATUS[(int) (dice % STATUS.length)];
            return switch ((int) (dice / 4 % 3)) {
                case 0 ->
                    Reply.json(
                            status, "{\"error\":\"Server error\",\"message\":\"try again\",\"status\":" + status + "}");
                case 1 -> Reply.html(status, "<html><body><h1>" + status + "</h1><hr>gateway</body></html>");
                default -> Reply.html(status, "");
            };
        }
    }

    Optional<Choice> next(String request) {
        if (percent <= 0 || kinds.isEmpty()) {
            return Optional.empty();
        }
        int before = inARow.getOrDefault(request, 0);
        long dice = Mix.of(seed, request.hashCode(), 1_000 + before);
        if (before >= MOST_IN_A_ROW || dice % 100_000 >= percent * 1_000) {
            inARow.remove(request);
            return Optional.empty();
        }
        inARow.put(request, before + 1);
        Fault fault = kinds.get(Mix.below(kinds.size(), seed, request.hashCode(), 2_000 + before));
        return Optional.of(new Choice(fault, dice / 100_000));
    }
}
