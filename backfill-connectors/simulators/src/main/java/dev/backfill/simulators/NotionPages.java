package dev.backfill.simulators;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The pages in the order in which they were made, and what people do to them. Guarded by its lock. */
final class NotionPages {

    static final String BOT = "b0b0b0b0-0000-4000-8000-000000000001";
    static final String HUMAN = "a1a1a1a1-0000-4000-8000-000000000002";

    private static final long MINUTE = 60_000;

    /** A page; what was never changed is a function of its index. Times are milliseconds, floored to the minute. */
    static final class Page {
        final int index;
        final String id;
        final long created;
        long edited;
        String editedBy = HUMAN;
        boolean trashed;
        boolean removed;
        int writes;
        final Map<String, @Nullable Object> changed = new HashMap<>();

        Page(int index, String id, long created) {
            this.index = index;
            this.id = id;
            this.created = created;
            this.edited = created;
        }

        boolean visible() {
            return !trashed && !removed;
        }
    }

    final ReentrantLock lock = new ReentrantLock();
    final NotionSettings settings;
    final NotionSchema schema;
    private final Time time = Ports.current().time();
    private final List<Page> pages = new ArrayList<>();
    private final Map<String, Page> byId = new HashMap<>();
    private long changes;

    NotionPages(NotionSettings settings) {
        this.settings = settings;
        schema = new NotionSchema(settings.quirks.contains(NotionQuirk.UNKNOWN_TYPE));
        long begin = settings.from.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        long end =
                settings.to.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        long step = Math.max(1, (end - begin) / Math.max(1, settings.pages));
        int imports = Math.max(0, (settings.pages - settings.imported) / 2);
        for (int i = 0; i < settings.pages; i++) {
            int place = i % 9 == 8 ? i - 1 : i; // some share their minute
            if (settings.imported > 0 && place >= imports && place <= imports + settings.imported) {
                place = i < imports + settings.imported ? imports : i;
            }
            add(floor(begin + step * place));
        }
    }

    private Page add(long created) {
        Page page = new Page(pages.size(), id(pages.size()), created);
        pages.add(page);
        byId.put(page.id, page);
        return page;
    }

    private String id(int index) {
        return uuid(settings.seed, index);
    }

    static String uuid(long seed, long place) {
        String hex = String.format("%016x%016x", Mix.of(seed, place, 101), Mix.of(seed, place, 102));
        return hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-4" + hex.substring(13, 16) + "-8"
                + hex.substring(17, 20) + "-" + hex.substring(20);
    }

    static long floor(long millis) {
        return Math.floorDiv(millis, MINUTE) * MINUTE;
    }

    long now() {
        return floor(time.now().toEpochMilli());
    }

    List<Page> all() {
        return pages;
    }

    /** A page that is there, if only in the trash. */
    Optional<Page> find(String id) {
        String hex = id.replace("-", "").toLowerCase(java.util.Locale.ROOT);
        String dashed = hex.length() == 32
                ? hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                        + hex.substring(16, 20) + "-" + hex.substring(20)
                : id;
        return Optional.ofNullable(byId.get(dashed)).filter(page -> !page.removed);
    }

    /** How often anything was written, by whomever. */
    long changes() {
        return changes;
    }

    void edited(Page page, String by) {
        page.edited = now();
        page.editedBy = by;
        changes++;
    }

    /** What people do before an answer. */
    void people() {
        for (int i = 0; i < settings.changes; i++) {
            long dice = Mix.of(settings.seed, changes, 111);
            NotionChange kind = settings.kinds.get((int) (dice % settings.kinds.size()));
            Page page = pages.isEmpty() || kind == NotionChange.INSERT
                    ? add(now())
                    : pages.get(Mix.below(pages.size(), settings.seed, changes, 112));
            if (page.removed || page.trashed) {
                changes++;
                continue;
            }
            switch (kind) {
                case INSERT -> {}
                case EDIT -> page.changed.put("nö1t", NotionValues.text("noted " + changes));
                case TRASH -> page.trashed = true;
                case TAG -> schema.find("q~Xz").ifPresent(flag -> page.changed.put("q~Xz", flag.option("Keep")));
            }
            edited(page, HUMAN);
        }
    }
}
