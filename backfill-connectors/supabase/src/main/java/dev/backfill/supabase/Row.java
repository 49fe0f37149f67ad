package dev.backfill.supabase;

import java.util.List;

/**
 * A record as it is sent.
 *
 * @param index its place in the batch
 * @param columns the columns that it has, in their order; those of the body only
 * @param key the values of the key columns, as text
 * @param body a JSON object
 */
record Row(int index, List<String> columns, List<String> key, String body) {

    /** One order for all writers, whatever it is, so that they never wait for each other in a ring. */
    static int inOrder(Row one, Row other) {
        for (int i = 0; i < one.key.size(); i++) {
            String a = one.key.get(i);
            String b = other.key.get(i);
            // shorter whole numbers are smaller
            int order = digits(a) && digits(b) && a.length() != b.length()
                    ? Integer.compare(a.length(), b.length())
                    : a.compareTo(b);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static boolean digits(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
