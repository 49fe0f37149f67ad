package dev.backfill.internal;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;

/**
 * A record of simple values of which nothing is said to Jackson, so that its values can be taken out and put in without it. Safe for
 * several threads.
 */
public final class PlainRecord {

    /** Jackson's way to make names of columns. */
    private static final class Columns extends PropertyNamingStrategies.SnakeCaseStrategy {

        private static final long serialVersionUID = 1;

        String of(String component) {
            return translate(component);
        }
    }

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

    /** The type, if it is such a record. */
    static Optional<PlainRecord> of(Class<?> type) {
        if (!isBare(type)) {
            return Optional.empty();
        }
        Columns columns = new Columns();
        List<String> names = new ArrayList<>();
        List<Class<?>> types = new ArrayList<>();
        List<Method> accessors = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            names.add(columns.of(component.getName()));
            types.add(component.getType());
            accessors.add(component.getAccessor());
        }
        if (types.isEmpty() || !types.stream().allMatch(Plain::isValue) || new HashSet<>(names).size() < names.size()) {
            return Optional.empty();
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
            boolean open = constructor.trySetAccessible();
            for (Method accessor : accessors) {
                open = open && accessor.trySetAccessible();
            }
            return open
                    ? Optional.of(new PlainRecord(
                            List.copyOf(names), List.copyOf(types), accessors.toArray(Method[]::new), constructor))
                    : Optional.empty();
        } catch (NoSuchMethodException e) {
            throw closed(e); // every record has it
        }
    }

    /** Whether it is a record of which nothing is said to Jackson. */
    static boolean isBare(Class<?> type) {
        return type.isRecord() && elements(type).noneMatch(PlainRecord::annotated) && !hasGetters(type);
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

    /** The columns, as Jackson would name them, in the order of the components. */
    public List<String> names() {
        return names;
    }

    /** The columns with the classes of their components, in the same order. */
    Map<String, Class<?>> columns() {
        Map<String, Class<?>> columns = new LinkedHashMap<>();
        for (int i = 0; i < types.size(); i++) {
            columns.put(names.get(i), types.get(i));
        }
        return columns;
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
