package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.SpringJob;
import dev.backfill.benchmarks.Work;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamReader;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Reads the items of some windows for Spring Batch, and can be opened again where it was. */
class WindowReader implements ItemStreamReader<@Nullable Object[]> {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Work work;
    private final List<LocalDate> windows = BlazeApi.windows();
    private final List<@Nullable Object[]> page = new ArrayList<>();
    private int window;
    private int behind;
    private int skip;
    private int item;
    private int transactions;
    private int total;
    private boolean fetched;

    WindowReader(Work work) {
        this.work = work;
    }

    @Override
    public void open(ExecutionContext context) {
        behind = (int) context.getLong(SpringJob.BEHIND, windows.size());
        window = context.getInt("window", (int) context.getLong(SpringJob.FIRST, 0));
        skip = context.getInt("skip", 0);
        item = context.getInt("item", 0);
    }

    @Override
    public void update(ExecutionContext context) {
        context.putInt("window", window);
        context.putInt("skip", skip);
        context.putInt("item", item);
    }

    @Override
    public @Nullable Object @Nullable [] read() throws Exception {
        while (window < behind) {
            if (!fetched) {
                fetch();
            }
            if (item < page.size()) {
                return page.get(item++);
            }
            skip += transactions;
            item = 0;
            fetched = false;
            if (skip >= total) {
                window++;
                skip = 0;
            }
        }
        return null;
    }

    private void fetch() throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(
                HttpRequest.newBuilder(URI.create(work.vendor() + BlazeApi.path(windows.get(window), skip)))
                        .header("partner_key", BlazeApi.PARTNER_KEY)
                        .header("Authorization", BlazeApi.KEY)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("the answer is " + answer.statusCode());
        }
        JsonNode read = JSON.readTree(answer.body());
        total = read.path("total").asInt();
        transactions = read.path("values").size();
        page.clear();
        read.path("values").forEach(transaction -> ItemTree.rows(transaction, page::add));
        fetched = true;
    }
}
