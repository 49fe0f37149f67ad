package dev.backfill.typesense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.simulators.TypesenseQuirk;
import dev.backfill.simulators.TypesenseSettings;
import dev.backfill.simulators.TypesenseSimulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collection is exported into a file, and read from there. */
class ExportTest {

    @TempDir
    Path folder;

    record Product(String id, @Nullable String name) {}

    private static TypesenseSettings settings() {
        return TypesenseSimulator.with().products(2_450).onlyHere(50);
    }

    private Path spool() {
        return folder.resolve("deep").resolve("export.jsonl");
    }

    private static List<String> ids(List<Map<String, Object>> documents) {
        return documents.stream().map(one -> String.valueOf(one.get("id"))).toList();
    }

    @Test
    void givesEveryDocumentInTheOrderOfInsertion() throws Exception {
        for (TypesenseQuirk quirk :
                List.of(TypesenseQuirk.RAW_ERRORS, TypesenseQuirk.TRAILING_NEWLINE, TypesenseQuirk.GZIP)) {
            try (Server server = new Server(settings().and(quirk))) {
                List<Map<String, Object>> all =
                        server.bound(() -> Server.all(server.documents().export(spool())));
                assertThat(ids(all))
                        .isEqualTo(List.copyOf(server.truth().keySet()))
                        .hasSize(2_500);
                assertThat(server.calls("/export")).hasSize(1);
            }
        }
    }

    @Test
    void bindsDocumentsToRecordsWithTheFieldsThatAreAskedFor() throws Exception {
        try (Server server = new Server(settings())) {
            List<Product> all = server.bound(() ->
                    Server.all(server.documents().export(spool(), Product.class).fields("name")));
            assertThat(all).hasSize(2_500).allMatch(product -> product.name() != null);
            assertThat(Files.readString(spool())).doesNotContain("price");
            List<Product> bare = server.bound(() ->
                    Server.all(server.documents().export(spool(), Product.class).fields("id")));
            assertThat(bare).hasSize(2_500).allMatch(product -> product.name() == null);
        }
    }

    @Test
    void anExportThatIsCutIsNoticedAndMadeAgain() throws Exception {
        try (Server server = new Server(settings().cutExports(2))) {
            Documents documents = server.documents();
            List<String> problems = new ArrayList<>();
            List<Map<String, Object>> all = List.of();
            for (int i = 0; i < 3; i++) {
                try {
                    all = server.bound(() -> Server.all(documents.export(spool())));
                } catch (TransientException e) {
                    problems.add(String.valueOf(e.getMessage()));
                    assertThat(spool())
                            .as("no half export under the final name")
                            .doesNotExist();
                }
            }
            assertThat(problems).hasSize(2);
            assertThat(ids(all)).isEqualTo(List.copyOf(server.truth().keySet()));
        }
    }

    /** An answer without length that ends with a whole line looks like a whole one, but for the number of its documents. */
    @Test
    void anExportThatIsCutAtTheEndOfALineIsNoticedByItsCount() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> cutAtALine(server));
            answering.setDaemon(true);
            answering.start();
            Export<Map<String, Object>> export = Typesense.connect(
                            Secret.of("KEY", "key"), "http://127.0.0.1:" + server.getLocalPort())
                    .collection("products")
                    .export(spool());
            assertThatThrownBy(() -> export.read(Cursor.START))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("it has 2 of 3");
            assertThat(spool()).doesNotExist();
        }
    }

    private static void cutAtALine(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                byte[] head = new byte[8_192];
                int read = socket.getInputStream().read(head);
                boolean exported =
                        new String(head, 0, Math.max(0, read), StandardCharsets.US_ASCII).contains("/export");
                String body = exported ? "{\"id\":\"1\"}\n{\"id\":\"2\"}\n" : "{\"num_documents\":3}";
                socket.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body)
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // closed
            }
        }
    }

    @Test
    void goesOnInTheFileAfterACrash() throws Exception {
        try (Server server = new Server(settings())) {
            Page<Map<String, Object>> first =
                    server.bound(() -> server.documents().export(spool()).read(Cursor.START));
            assertThat(first.total()).hasValue(2_500);
            Cursor at = Cursor.parse(first.next().orElseThrow().json());
            server.simulator.delete("1");
            server.simulator.put("new", Map.of("name", "n", "price", 1.0));
            List<Map<String, Object>> rest = new ArrayList<>(first.items());
            Page<Map<String, Object>> page = first;
            while (page.next().isPresent()) {
                Cursor next = page.next().get();
                page = server.bound(() -> server.documents().export(spool()).read(next));
                rest.addAll(page.items());
            }
            assertThat(ids(rest)).hasSize(2_500).contains("1").doesNotContain("new");
            assertThat(server.calls("/export")).hasSize(1);
            assertThat(server.bound(() -> server.documents().export(spool()).read(at))
                            .items())
                    .isNotEmpty();
        }
    }

    @Test
    void aFileThatIsGoneOrAnotherIsExportedAnew() throws Exception {
        try (Server server = new Server(settings())) {
            Cursor at = server.bound(() -> server.documents().export(spool()).read(Cursor.START))
                    .next()
                    .orElseThrow();
            assertThat(server.bound(() -> server.documents().export(spool()).read(Cursor.START))
                            .items())
                    .hasSize(1_000);
            assertThatThrownBy(() -> server.bound(
                            () -> server.documents().export(spool()).read(at)))
                    .as("another export is in the file by now")
                    .isInstanceOf(ExpiredCursorException.class);
            Files.delete(spool());
            assertThatThrownBy(() -> server.bound(
                            () -> server.documents().export(spool()).read(at)))
                    .isInstanceOf(ExpiredCursorException.class);
            Files.writeString(spool(), "no export at all");
            assertThatThrownBy(() -> server.bound(
                            () -> server.documents().export(spool()).read(at)))
                    .isInstanceOf(ExpiredCursorException.class);
        }
    }

    @Test
    void anEmptyCollectionHasNoDocuments() throws Exception {
        try (Server server = new Server(TypesenseSimulator.with().products(0).onlyHere(0))) {
            Page<Map<String, Object>> page =
                    server.bound(() -> server.documents().export(spool()).read(Cursor.START));
            assertThat(page.items()).isEmpty();
            assertThat(page.next()).isEmpty();
        }
    }

    @Test
    void exportsWhatMatchesAFilter() throws Exception {
        try (Server server = new Server(settings())) {
            List<Map<String, Object>> some = server.bound(() ->
                    Server.all(server.documents().export(spool()).where(Filter.in("id", "7", "8", "none", "ts-1"))));
            assertThat(ids(some)).containsExactlyInAnyOrder("7", "8", "ts-1");
            assertThatThrownBy(() -> server.bound(
                            () -> Server.all(server.documents().export(spool()).where(Filter.is("colour", "red")))))
                    .hasMessageContaining("colour");
        }
    }

    @Test
    void aDryRunHasAFileOfItsOwn() throws Exception {
        try (Server server = new Server(settings())) {
            server.bound(() -> Server.all(server.documents().export(spool()).dryRun()));
            assertThat(spool()).doesNotExist();
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        try (Server server = new Server(settings())) {
            assertThatThrownBy(() -> server.bound(
                            () -> server.documents().export(file.resolve("x")).read(Cursor.START)))
                    .hasMessageContaining(file.toString());
        }
    }
}
