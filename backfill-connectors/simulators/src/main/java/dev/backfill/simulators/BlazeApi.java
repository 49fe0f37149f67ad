package dev.backfill.simulators;

import static dev.backfill.simulators.BlazeQuirk.*;

import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;

/** Checks calls and answers them. */
final class BlazeApi implements Api {

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("MM/dd/uuuu").withResolverStyle(ResolverStyle.STRICT);
    private static final String ROOT = "/api/v1/partner/";
    private static final int MOST_ROWS = 100;
    private static final int MOST_DAYS = 7;
    private static final long MOST_MILLIS = MOST_DAYS * 86_400_000L;

    private final BlazeSettings settings;
    private final BlazeData data;
    private final BlazeHistory history;
    private final BlazeJson json;
    private final BlazeLists lists;
    private final Set<BlazeQuirk> quirks;

    BlazeApi(BlazeSettings settings, BlazeData data, BlazeHistory history) {
        this.settings = settings;
        this.data = data;
        this.history = history;
        json = new BlazeJson(settings, data, history);
        lists = new BlazeLists(settings, data);
        quirks = settings.quirks;
    }

    /** A call that is answered with an error. */
    private static final class Rejected extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Reply reply;

        Rejected(Reply reply) {
            super(null, null, false, false);
            this.reply = reply;
        }
    }

    @Override
    public Optional<String> credential(Ask ask) {
        Optional<String> partner = quirks.contains(API_KEY_HEADER_ONLY) ? Optional.empty() : ask.header("partner_key");
        return partner.or(() -> quirks.contains(PARTNER_KEY_HEADER_ONLY) ? Optional.empty() : ask.header("x-api-key"));
    }

    @Override
    public Reply refusal(int status, String message) {
        return quirks.contains(LEGACY_ERRORS) ? legacy(status, "", message) : error(status, message);
    }

    private static Reply error(int status, String message) {
        String name = switch (status) {
            case 400 -> "Invalid argument";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not found";
            case 429 -> "Too many requests";
            default -> "Error";
        };
        return Reply.json(
                status, "{\"error\":\"" + name + "\",\"message\":\"" + message + "\",\"status\":" + status + "}");
    }

    private static Reply legacy(int status, String field, String message) {
        return Reply.json(
                status,
                "{\"field\":\"" + field + "\",\"message\":\"" + message
                        + "\",\"errorType\":\"com.fourtwenty.core.exceptions.BlazeInvalidArgException\","
                        + "\"references\":null}");
    }

    @Override
    public Reply answer(Ask ask) {
        try {
            if (!ask.method().equals("GET")) {
                return refusal(405, "Method not allowed");
            }
            authorize(ask);
            String path = ask.path().startsWith(ROOT) ? ask.path().substring(ROOT.length()) : "";
            return switch (path) {
                case "transactions" -> transactions(ask);
                case "transactions/days" -> days(ask);
                case "members" -> members(ask);
                case "products" -> products(ask);
                case "products/modified" -> productsModified(ask);
                case "store/inventory/brands" -> list(ask, "start", BlazeLists.BRANDS, lists::brand);
                case "employees" -> list(ask, "start", BlazeLists.EMPLOYEES, lists::employee);
                default ->
                    path.startsWith("transactions/")
                            ? transaction(path.substring("transactions/".length()))
                            : refusal(404, "Not found");
            };
        } catch (Rejected e) {
            return e.reply;
        }
    }

    private void authorize(Ask ask) throws Rejected {
        if (!credential(ask).filter(settings.partnerKey.reveal()::equals).isPresent()) {
            throw new Rejected(refusal(401, "Invalid partner key"));
        }
        String key = ask.header("Authorization").orElse("");
        if (quirks.contains(BEARER_ACCEPTED) && key.startsWith("Bearer ")) {
            key = key.substring("Bearer ".length());
        }
        if (!key.equals(settings.dispensaryKey.reveal())) {
            throw new Rejected(
                    quirks.contains(STORE_KEY_403)
                            ? refusal(403, "This key has no access to a store")
                            : refusal(401, "Invalid dispensary key"));
        }
    }

    private Reply transactions(Ask ask) throws Rejected {
        Optional<LocalDate> start = day(ask, "startDate");
        Optional<LocalDate> end = day(ask, "endDate");
        if (quirks.contains(DATES_REQUIRED) && (start.isEmpty() || end.isEmpty())) {
            throw new Rejected(legacy(400, "startDate", "Dates are required"));
        }
        LocalDate today = data.time.now().atZone(settings.zone).toLocalDate();
        LocalDate last = end.or(() -> start.map(day -> day.plusDays(MOST_DAYS))).orElse(today);
        LocalDate first = start.orElse(last.minusDays(MOST_DAYS));
        return window(ask, first, last, quirks.contains(END_DATE_EXCLUSIVE) ? last : last.plusDays(1));
    }

    private Reply days(Ask ask) throws Rejected {
        LocalDate first =
                day(ask, "startDate").orElseThrow(() -> new Rejected(legacy(400, "startDate", "A date is required")));
        int days = number(ask, "days", 1);
        return window(ask, first, first.plusDays(days), first.plusDays(days));
    }

    private Reply window(Ask ask, LocalDate first, LocalDate last, LocalDate behind) throws Rejected {
        if (last.isBefore(first)) {
            throw new Rejected(refusal(400, "End date is before start date"));
        }
        if (ChronoUnit.DAYS.between(first, last) > MOST_DAYS) {
            throw new Rejected(refusal(400, "Date range cannot exceed 7 days"));
        }
        int skip = Math.max(0, number(ask, "skip", 0));
        if (skip > settings.deepestSkip) {
            throw new Rejected(refusal(400, "Skip is too large"));
        }
        BlazeHistory.Rows page = history.page(
                data.midnight(first), data.midnight(behind), skip, Math.min(limit(ask), settings.rowsPerPage));
        JsonBytes out = begin(page.rows().size() * Math.max(4_500, settings.bytes + 1_000));
        long now = data.time.now().toEpochMilli();
        for (int i = 0; i < page.rows().size(); i++) {
            json.transaction(out.raw(i == 0 ? "[" : ","), page.rows().get(i), now);
        }
        return end(ask, out, page.rows().isEmpty(), skip, page.total());
    }

    private static JsonBytes begin(int expected) {
        return new JsonBytes(expected + 200).raw("{\"values\":");
    }

    private Reply end(Ask ask, JsonBytes out, boolean empty, int skip, long total) throws Rejected {
        int asked = number(ask, "limit", MOST_ROWS);
        int limit = quirks.contains(ECHOES_ASKED_LIMIT) && asked > 0 ? asked : limit(ask);
        out.raw(!empty ? "]" : quirks.contains(NULL_VALUES) ? "null" : "[]");
        out.raw(",\"skip\":")
                .number(skip)
                .raw(",\"limit\":")
                .number(limit)
                .raw(",\"total\":")
                .number(total);
        return Reply.json(out.raw("}"));
    }

    private Reply transaction(String id) {
        int place;
        try {
            place = id.length() == 24 ? Integer.parseUnsignedInt(id.substring(16), 16) : -1;
        } catch (NumberFormatException e) {
            place = -1;
        }
        JsonBytes name = new JsonBytes(24);
        if (history.exists(place)) {
            json.id(name, place);
        }
        if (!new String(name.copy(), java.nio.charset.StandardCharsets.US_ASCII).equals(id)) {
            return refusal(404, "No such transaction");
        }
        JsonBytes out = new JsonBytes(8_000);
        json.transaction(out, place, data.time.now().toEpochMilli());
        return Reply.json(out);
    }

    private Reply members(Ask ask) throws Rejected {
        long from = millis(ask, "startDate");
        long to = millis(ask, "endDate");
        if (to <= from) {
            throw new Rejected(legacy(400, "endDate", "endDate must be greater than startDate"));
        }
        if (quirks.contains(MEMBERS_CAPPED) && to - from > MOST_MILLIS) {
            throw new Rejected(refusal(400, "Date range cannot exceed 7 days"));
        }
        return list(ask, "skip", BlazeLists.members(settings), lists::member); // dates change nothing, as observed
    }

    private Reply products(Ask ask) throws Rejected {
        day(ask, "startDate");
        day(ask, "endDate");
        return list(ask, "skip", BlazeData.PRODUCTS, lists::product);
    }

    private Reply productsModified(Ask ask) throws Rejected {
        long from = millis(ask, "startDate");
        long to = millis(ask, "endDate");
        int first = 0;
        int behind = 0;
        for (int row = 0; row < BlazeData.PRODUCTS; row++) {
            first += lists.productModified(row) < from ? 1 : 0;
            behind += lists.productModified(row) <= to ? 1 : 0;
        }
        int begin = first;
        return list(ask, "skip", Math.max(0, behind - first), (out, row) -> lists.product(out, begin + row));
    }

    private Reply list(Ask ask, String position, int count, BlazeLists.Entry entry) throws Rejected {
        int limit = Math.min(limit(ask), settings.rowsPerPage);
        int start = Math.max(0, number(ask, position, 0));
        boolean pages = position.equals("start") && quirks.contains(START_IS_PAGE);
        long offset = pages ? (long) start * limit : start;
        JsonBytes out = begin(limit * 200);
        int rows = 0;
        for (long row = offset; row < count && rows < limit; row++) {
            entry.write(out.raw(rows++ == 0 ? "[" : ","), (int) row);
        }
        return end(ask, out, rows == 0, start, count);
    }

    private int limit(Ask ask) throws Rejected {
        int asked = number(ask, "limit", MOST_ROWS);
        return asked <= 0 ? MOST_ROWS : Math.min(asked, MOST_ROWS);
    }

    private Optional<LocalDate> day(Ask ask, String name) throws Rejected {
        Optional<String> text = ask.parameter(name);
        try {
            return text.map(value -> LocalDate.parse(value, DAY));
        } catch (DateTimeParseException e) {
            throw new Rejected(legacy(400, name, "Invalid date format, expected MM/dd/yyyy"));
        }
    }

    private static int number(Ask ask, String name, int otherwise) throws Rejected {
        try {
            return ask.parameter(name).map(Integer::parseInt).orElse(otherwise);
        } catch (NumberFormatException e) {
            throw new Rejected(legacy(400, name, "A whole number is expected"));
        }
    }

    private static long millis(Ask ask, String name) throws Rejected {
        try {
            return Long.parseLong(ask.parameter(name).orElse(""));
        } catch (NumberFormatException e) {
            throw new Rejected(legacy(400, name, "Milliseconds since 1970 are expected"));
        }
    }

    @Override
    public void truth(Ask ask, OutputStream out) throws IOException {
        long from =
                ask.parameter("from").map(LocalDate::parse).map(data::midnight).orElse(Long.MIN_VALUE);
        long to = ask.parameter("to")
                .map(day -> data.midnight(LocalDate.parse(day).plusDays(1)))
                .orElse(Long.MAX_VALUE);
        JsonBytes lines = new JsonBytes(1 << 16);
        for (BlazeHistory.Range range : history.present(from, to)) {
            for (int place = range.from(); place < range.to(); place++) {
                json.truth(lines, place);
                if (lines.size() > 1 << 15) {
                    lines.to(out);
                    lines.cut(0);
                }
            }
        }
        lines.to(out);
    }
}
