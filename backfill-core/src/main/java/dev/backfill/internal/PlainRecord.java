package dev.backfill.internal;

import java.lang.annotation.Annotation;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A record of simple values of which nothing is said to Jackson, so that its values can be taken out and put in without it. Safe for
 * several threads.
 */
public final class PlainRecord {

    private static final Set<Class<?>> SIMPLE = Set.of(
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

    private final List<String> names;
    private final List<Class<?>> types;
    private final Method[] accessors;
    private final Constructor<?> constructor;

    private PlainRecord(List<String> names, List<Class<?>> types, Method[] accessors, Constructor<?> constructor) {
        this.names = names;
        this.types = types;
        this.accessors = accessors;
        this.constructor = constructor;
    }

    /**
     * The type, if it is such a record.
     *
     * @param columns as Jackson sees them
     */
    static Optional<PlainRecord> of(Class<?> type, Map<String, Class<?>> columns) {
        if (!type.isRecord() || elements(type).anyMatch(PlainRecord::annotated) || hasGetters(type)) {
            return Optional.empty();
        }
        List<String> components = new ArrayList<>();
        List<Class<?>> types = new ArrayList<>();
        List<Method> accessors = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            components.add(letters(component.getName()));
            types.add(component.getType());
            accessors.add(component.getAccessor());
        }
        List<String> names = List.copyOf(columns.keySet());
        if (types.isEmpty()
                || !SIMPLE.containsAll(types)
                || !names.stream().map(PlainRecord::letters).toList().equals(components)
                || !types.equals(List.copyOf(columns.values()))) {
            return Optional.empty();
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
            boolean open =
                    constructor.trySetAccessible() && accessors.stream().allMatch(AccessibleObject::trySetAccessible);
            return open
                    ? Optional.of(
                            new PlainRecord(names, List.copyOf(types), accessors.toArray(Method[]::new), constructor))
                    : Optional.empty();
        } catch (NoSuchMethodException e) {
            throw closed(e); // every record has it
        }
    }

    /** What a name has in common as a component and as a column. */
    private static String letters(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** Whether values of this class are taken as they are. */
    public static boolean isSimple(Class<?> type) {
        return SIMPLE.contains(type);
    }

    /** All at which Jackson looks for annotations. */
    private static Stream<AnnotatedElement> elements(Class<?> type) {
        List<AnnotatedElement> elements = new ArrayList<>(List.of(type));
        elements.addAll(List.of(type.getDeclaredFields()));
        elements.addAll(List.of(type.getDeclaredMethods()));
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            elements.add(constructor);
            elements.addAll(List.of(constructor.getParameters()));
        }
        return Stream.concat(elements.stream(), Stream.of(type.getInterfaces()).flatMap(PlainRecord::elements));
    }

    /** Whether there are methods that Jackson prefers to those of the components, also those of interfaces. */
    private static boolean hasGetters(Class<?> type) {
        Set<String> components = Stream.of(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toSet());
        return Stream.concat(Stream.of(type.getMethods()), Stream.of(type.getDeclaredMethods()))
                .filter(method -> method.getParameterCount() == 0 && !Modifier.isStatic(method.getModifiers()))
                .map(Method::getName)
                .anyMatch(name -> (name.startsWith("get") || name.startsWith("is"))
                        && !name.equals("getClass")
                        && !components.contains(name));
    }

    /** Jackson's annotations, and those that stand for several of them, have one of Jackson's themselves; and it heeds one of Java's. */
    private static boolean annotated(AnnotatedElement element) {
        return Stream.of(element.getAnnotations())
                .map(Annotation::annotationType)
                .anyMatch(type -> type.getName().equals("java.beans.ConstructorProperties")
                        || Stream.of(type.getAnnotations())
                                .anyMatch(mark -> mark.annotationType()
                                        .getName()
                                        .startsWith("com.fasterxml.jackson.annotation.")));
    }

    /** The columns, in the order of the components. */
    public List<String> names() {
        return names;
    }

    /** The classes of the components. */
    public List<Class<?>> types() {
        return types;
    }

    /**
     * The values of a record.
     *
     * @throws IllegalArgumentException if the record does not tell one
     */
    public @Nullable Object[] values(Object record) {
        @Nullable Object[] values = new @Nullable Object[accessors.length];
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = accessors[i].invoke(record);
            }
            return values;
        } catch (InvocationTargetException e) {
            throw refused(e);
        } catch (IllegalAccessException e) {
            throw closed(e);
        }
    }

    /**
     * A record of these values, which must be of the components' classes.
     *
     * @throws IllegalArgumentException if the record does not take one
     */
    public Object make(@Nullable Object[] values) {
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw refused(e);
        } catch (IllegalAccessException | InstantiationException e) {
            throw closed(e);
        }
    }

    private static LinkageError closed(ReflectiveOperationException e) {
        return new LinkageError("a record cannot be reached that could be", e);
    }

    private static IllegalArgumentException refused(InvocationTargetException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return new IllegalArgumentException(String.valueOf(e.getCause()), e);
    }
}
