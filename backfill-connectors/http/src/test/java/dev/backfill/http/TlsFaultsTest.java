package dev.backfill.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Secret;
import dev.backfill.TransientException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who does not prove who he is hears nothing: neither over a weaker connection nor over none. */
class TlsFaultsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static final Map<String, SSLContext> SERVERS = new HashMap<>();

    private static SSLContext before;

    /** One key with four certificates, three of them from somebody who is trusted; made by the JDK's own tool. */
    @BeforeAll
    static void makeCertificates() throws Exception {
        before = SSLContext.getDefault();
        Process authority = keytool("-genkeypair", "ca", "-keyalg EC -dname CN=ca -ext bc:c -validity 2");
        end(keytool("-genkeypair", "server", "-keyalg EC -dname CN=server -ext san=ip:127.0.0.1 -validity 2"));
        end(authority);
        end(keytool("-certreq", "server", "-file request"));
        String sign = "-infile request -rfc -outfile ";
        List<Process> signing = List.of(
                keytool("-gencert", "ca", sign + "good -ext san=ip:127.0.0.1 -validity 2"),
                keytool("-gencert", "ca", sign + "other -ext san=dns:elsewhere.example -validity 2"),
                keytool("-gencert", "ca", sign + "expired -ext san=ip:127.0.0.1 -startdate -10d -validity 3"));
        for (Process one : signing) {
            end(one);
        }
        KeyStore made = store("server");
        Key key = made.getKey("server", PASSWORD);
        Certificate ca = store("ca").getCertificate("ca");
        SERVERS.put("unknown", serving(key, made.getCertificate("server")));
        for (String name : List.of("good", "other", "expired")) {
            try (InputStream in = Files.newInputStream(folder.resolve(name))) {
                Certificate certificate =
                        CertificateFactory.getInstance("X.509").generateCertificate(in);
                SERVERS.put(name, serving(key, certificate, ca));
            }
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD);
        trusted.setCertificateEntry("ca", ca);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext ours = SSLContext.getInstance("TLS");
        ours.init(null, trust.getTrustManagers(), null);
        SSLContext.setDefault(ours);
    }

    private static Process keytool(String command, String alias, String options) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), command, "-alias", alias));
        words.addAll(
                List.of("-keystore", (command.equals("-gencert") ? "ca" : alias) + ".p12", "-storetype", "PKCS12"));
        words.addAll(List.of("-storepass", String.valueOf(PASSWORD)));
        words.addAll(List.of(options.split(" ")));
        return new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void end(Process process) throws InterruptedException {
        assertThat(process.waitFor()).as("keytool").isZero();
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static SSLContext serving(Key key, Certificate... chain) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setKeyEntry("server", key, PASSWORD, chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    @AfterAll
    static void trustAsBefore() {
        SSLContext.setDefault(before);
    }

    private static RawServer server(String certificate) throws Exception {
        ServerSocket socket = SERVERS.get(certificate)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        return new RawServer(
                socket,
                (out, in) ->
                        out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]".getBytes(StandardCharsets.UTF_8)));
    }

    private static Request call(String address) {
        return Http.to(address.replace("http:", "https:"))
                .bearer(Secret.of("KEY", "S3CR3T"))
                .get("/orders");
    }

    @Test
    void aServerThatProvesWhoItIsIsHeard() throws Exception {
        try (RawServer good = server("good")) {
            assertThat(call(good.url()).list(Map.class)).isEmpty();
            assertThat(good.heads()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"unknown, unable to find valid certification path", "other, 127.0.0.1", "expired, validity check failed"
    })
    void aCertificateThatProvesNothingStopsTheCallAndNothingIsSent(String certificate, String why) throws Exception {
        try (RawServer server = server(certificate)) {
            assertThatThrownBy(() -> call(server.url()).list(Map.class))
                    .isInstanceOf(HttpException.class)
                    .hasMessageContaining("does not prove who it is")
                    .hasMessageContaining(why)
                    .hasMessageNotContaining("S3CR3T");
            assertThat(server.heads()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"})
    void aHandshakeThatIsCutOrAnsweredInTheOpenIsNeverFollowedByAnOpenCall(String said) throws Exception {
        List<Integer> firstBytes = new CopyOnWriteArrayList<>();
        try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                while (!socket.isClosed()) {
                    try (Socket one = socket.accept()) {
                        firstBytes.add(one.getInputStream().read());
                        one.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
                    } catch (IOException e) {
                        // closed
                    }
                }
            });
            answering.setDaemon(true);
            answering.start();
            String address = "https://127.0.0.1:" + socket.getLocalPort();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> call(address).list(Map.class)).isInstanceOf(TransientException.class);
            }
        }
        assertThat(firstBytes)
                .as("each connection began a handshake")
                .isNotEmpty()
                .containsOnly(0x16);
    }
}
