package dev.backfill.guesty;

import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.simulators.GuestyQuirk;
import dev.backfill.simulators.GuestySimulator;
import dev.backfill.testkit.SourceContract;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What every source must do, with conversations of several pages of posts. */
class MessagesContractTest extends SourceContract<Account.Row> {

    @TempDir
    private Path folder;

    private Account account;

    @BeforeEach
    void start() throws Exception {
        account = new Account(GuestySimulator.with()
                .conversations(25)
                .and(GuestyQuirk.POSTS_LIMIT_IGNORED)
                .without(GuestyQuirk.LOG_POSTS));
    }

    @AfterEach
    void stop() {
        account.close();
    }

    @Override
    protected Source<Account.Row> source() throws Exception {
        Source<Message> messages =
                account.guesty(guesty -> guesty.keptIn(folder)).messages(Account.ALL);
        return from -> {
            Page<Message> page = messages.read(from);
            return new Page<>(page.items().stream().map(Account.Row::of).toList(), page.next(), page.total());
        };
    }

    @Override
    protected List<String> secrets() {
        return List.of(account.simulator.clientSecret().reveal());
    }

    @Override
    protected List<Account.Row> expected() throws Exception {
        return List.copyOf(account.truth().values());
    }
}
