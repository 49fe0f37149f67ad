package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {

    private static final String HOST = "homes.example";

    @TempDir
    Path folder = Path.of("");

    private Path file() {
        return folder.resolve("session");
    }

    @Test
    void isThereAgainAfterARestart() throws Exception {
        Session session = Session.in(file(), HOST);
        assertThat(session.header()).isEmpty();
        session.keep(List.of("pass=1a=; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax", "b=2"));
        assertThat(session.header()).isEqualTo("b=2; pass=1a=");
        assertThat(Session.in(file(), HOST).header()).isEqualTo("b=2; pass=1a=");
        session.keep(List.of("b=3"));
        assertThat(Session.in(file(), HOST).header()).isEqualTo("b=3; pass=1a=");
        assertThat(Session.in(file(), "other.example").header()).isEmpty();
    }

    @Test
    void isItsOwnersOnlyAndNothingElseIsLeftBehind() throws Exception {
        Session.in(file(), HOST).keep(List.of("a=1"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void isWrittenOnlyWhenItHasChanged() throws Exception {
        Session session = Session.in(file(), HOST);
        session.keep(List.of());
        assertThat(file()).doesNotExist();
        session.keep(List.of("a=1"));
        Files.delete(file());
        session.keep(List.of("a=1"));
        assertThat(file()).doesNotExist();
    }

    @Test
    void isSavedTheNextTimeWhenItCouldNotBe() throws Exception {
        Files.createDirectories(file().resolve("in the way"));
        Session session = Session.in(folder.resolve("session/in the way/x"), HOST);
        Files.delete(file().resolve("in the way"));
        Files.writeString(file().resolve("in the way"), "");
        assertThatThrownBy(() -> session.keep(List.of("a=1"))).isInstanceOf(IOException.class);
        assertThat(session.header()).isEqualTo("a=1");
        Files.delete(file().resolve("in the way"));
        session.keep(List.of());
        assertThat(Session.in(folder.resolve("session/in the way/x"), HOST).header())
                .isEqualTo("a=1");
    }

    @Test
    void forgetsWhatIsOver() throws Exception {
        Session session = Session.in(file(), HOST);
        session.keep(List.of("a=1", "b=2"));
        session.keep(List.of("a=; Max-Age=0"));
        assertThat(session.header()).isEqualTo("b=2");
        Files.writeString(
                file(),
                "# Netscape HTTP Cookie File\n" + HOST + "\tFALSE\t/\tFALSE\t1000\tc\t3\nx\n" + HOST
                        + "\tFALSE\t/\tFALSE\tx\td\t4\n");
        assertThat(Session.in(file(), HOST).header()).isEmpty();
    }

    @Test
    void takesNothingThatWouldBreakTheHeaderOrTheFile() throws Exception {
        Session session = Session.in(file(), HOST);
        session.keep(List.of("a=1\tb", "c=x\u0007y", "d=x\r\ny", "", "=", "e=\"", "good=1"));
        assertThat(session.header()).isEqualTo("good=1");
        session.keep(java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> "n" + i + "=1")
                .toList());
        assertThat(session.header().split(";", -1)).hasSize(50);
    }

    @Test
    void overwritesNoOtherFile() throws Exception {
        Files.writeString(file(), "link,address\n");
        assertThatThrownBy(() -> Session.in(file(), HOST))
                .isInstanceOf(Exit.Wrong.class)
                .hasMessageContaining("is no file of cookies");
        assertThatThrownBy(() -> Session.in(folder, HOST)).isInstanceOf(Exit.Wrong.class);
    }
}
