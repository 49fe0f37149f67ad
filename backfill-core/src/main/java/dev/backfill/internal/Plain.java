package dev.backfill.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The classes of which it is known what Jackson makes of them, so that their values need not go through it. */
public final class Plain {

    private static final Set<Class<?>> VALUES = Set.of(
            String.class,
            boolean.class,
            Boolean.class,
            byte.class,
            Byte.class,
            short.class,
            Short.class,
            int.class,
            Integer.class,
            long.class,
            Long.class,
            float.class,
            Float.class,
            double.class,
            Double.class,
            BigDecimal.class,
            BigInteger.class,
            Instant.class);

    /** Those that do nothing but keep values; others may have annotations, or fail when they are read. */
    private static final Set<Class<?>> MAPS = Set.of(
            HashMap.class,
            LinkedHashMap.class,
            TreeMap.class,
            Map.of().getClass(),
            Map.of("one", 1).getClass());

    private static final Set<Class<?>> LISTS = Set.of(
            ArrayList.class,
            Arrays.asList().getClass(),
            List.of().getClass(),
            List.of("one").getClass());

    private Plain() {}

    /** Whether it is the class of a single value. */
    static boolean isValue(Class<?> type) {
        return VALUES.contains(type);
    }

    /** Whether this is a map of names to single values. */
    public static boolean isRow(Object record) {
        if (!(record instanceof Map<?, ?> map && isMap(map))) {
            return false;
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Object value = entry.getValue();
            if (!(entry.getKey() instanceof String && (value == null || isValue(value.getClass())))) {
                return false;
            }
        }
        return true;
    }

    static boolean isMap(Map<?, ?> map) {
        return MAPS.contains(map.getClass());
    }

    static boolean isList(List<?> list) {
        return LISTS.contains(list.getClass());
    }
}
