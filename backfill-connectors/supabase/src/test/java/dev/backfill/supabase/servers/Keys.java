package dev.backfill.supabase.servers;

import dev.backfill.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys as a project has them. */
public final class Keys {

    static final String SIGNED_WITH = "a secret of at least thirty-two characters";

    /** Looks like one of the new kind. */
    public static final Secret SECRET = Secret.of("SUPABASE_KEY", "sb_secret_S3CR3T-abcdefghijklmnop_12345678");

    private Keys() {}

    /** A key of the older kind, signed as the API expects. */
    public static Secret token(String claims) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SIGNED_WITH.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            String signed = part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + part(claims);
            byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
            return Secret.of(
                    "SUPABASE_KEY",
                    signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    public static Secret role(String role) {
        return token("{\"role\":\"" + role + "\"}");
    }
}
