package dev.backfill.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Makes certificates as tests need them, which the JDK does by a program of its own only. */
final class Certificates {

    private static final byte[] ECDSA_WITH_SHA256 = sequence(bytes(0x06, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
    private static final byte[] YES = bytes(0x01, 0xff);

    private Certificates() {}

    static KeyPair keys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /** Of somebody who may sign others. */
    static X509Certificate authority(String name, KeyPair keys) throws Exception {
        byte[] mayCertify = extension(19, sequence(YES));
        byte[] mayUseItsKey = extension(15, bytes(0x03, 2, 0x04));
        Instant now = Instant.now();
        return signed(
                name, keys, name, keys, now.minusSeconds(86_400), now.plusSeconds(86_400), mayCertify, mayUseItsKey);
    }

    /**
     * Of a server.
     *
     * @param host its name, or the four bytes of its address
     */
    static X509Certificate server(byte[] host, KeyPair keys, String signer, KeyPair signing, Instant from, Instant to)
            throws Exception {
        boolean address = host.length == 4;
        byte[] names = extension(17, sequence(tagged(address ? 0x87 : 0x82, host)));
        return signed("server", keys, signer, signing, from, to, names);
    }

    private static X509Certificate signed(
            String name, KeyPair keys, String signer, KeyPair signing, Instant from, Instant to, byte[]... extensions)
            throws Exception {
        byte[] content = sequence(
                tagged(0xa0, bytes(0x02, 2)),
                tagged(0x02, BigInteger.ONE.toByteArray()),
                ECDSA_WITH_SHA256,
                named(signer),
                sequence(time(from), time(to)),
                named(name),
                keys.getPublic().getEncoded(),
                tagged(0xa3, sequence(extensions)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signing.getPrivate());
        signature.update(content);
        byte[] whole = sequence(content, ECDSA_WITH_SHA256, tagged(0x03, joined(new byte[1], signature.sign())));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
    }

    // ---- DER

    private static byte[] named(String commonName) {
        byte[] text = tagged(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
        return sequence(tagged(0x31, sequence(bytes(0x06, 0x55, 4, 3), text)));
    }

    private static byte[] extension(int number, byte[] value) {
        return sequence(bytes(0x06, 0x55, 0x1d, number), YES, tagged(0x04, value));
    }

    private static byte[] time(Instant at) {
        String text = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(at);
        return tagged(0x18, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(0x30, joined(parts));
    }

    /** A tag with these bytes as its content. */
    private static byte[] bytes(int tag, int... content) {
        byte[] bytes = new byte[content.length];
        for (int i = 0; i < content.length; i++) {
            bytes[i] = (byte) content[i];
        }
        return tagged(tag, bytes);
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length >= 0x80) {
            out.write(0x82);
            out.write(content.length >> 8);
        }
        out.write(content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
