package dev.backfill.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Secret;
import dev.backfill.TransientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who does not prove who he is hears nothing: neither over a weaker connection nor over none. */
class TlsFaultsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    private static final Map<String, SSLContext> SERVERS = new HashMap<>();

    private static SSLContext before;

    /** One server with four certificates, three of them from somebody who is trusted. */
    @BeforeAll
    static void makeCertificates() throws Exception {
        before = SSLContext.getDefault();
        KeyPair trusted = Certificates.keys();
        KeyPair other = Certificates.keys();
        KeyPair server = Certificates.keys();
        X509Certificate authority = Certificates.authority("trusted", trusted);
        byte[] here = {127, 0, 0, 1};
        byte[] elsewhere = "elsewhere.example".getBytes(StandardCharsets.US_ASCII);
        Instant past = Instant.now().minus(Duration.ofDays(10));
        Instant later = Instant.now().plus(Duration.ofDays(1));
        Instant ended = past.plus(Duration.ofDays(3));
        serves("good", server, Certificates.server(here, server, "trusted", trusted, past, later));
        serves("other", server, Certificates.server(elsewhere, server, "trusted", trusted, past, later));
        serves("expired", server, Certificates.server(here, server, "trusted", trusted, past, ended));
        serves("unknown", server, Certificates.server(here, server, "unknown", other, past, later));

        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setCertificateEntry("authority", authority);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext ours = SSLContext.getInstance("TLS");
        ours.init(null, trust.getTrustManagers(), null);
        SSLContext.setDefault(ours);
    }

    private static void serves(String name, KeyPair server, X509Certificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setKeyEntry("server", server.getPrivate(), PASSWORD, new Certificate[] {certificate});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SERVERS.put(name, context);
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
