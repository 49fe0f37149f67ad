package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** Runs all checks of a contract, each on a new object, as JUnit does. */
final class Checks {

    private Checks() {}

    /** The names of the checks of a contract, its parents' among them. */
    static List<String> names(Class<?> contract) {
        List<String> names = new ArrayList<>();
        methods(contract).forEach(method -> names.add(method.getName()));
        return names;
    }

    private static List<Method> methods(Class<?> contract) {
        List<Method> methods = new ArrayList<>();
        for (Class<?> type = contract; type != null; type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) {
                if (method.isAnnotationPresent(Test.class)) {
                    methods.add(method);
                }
            }
        }
        return methods;
    }

    /** What fails, by the name of the check. */
    static Map<String, Throwable> failures(Supplier<?> contract) throws Exception {
        Map<String, Throwable> failures = new LinkedHashMap<>();
        for (Method method : methods(contract.get().getClass())) {
            method.setAccessible(true);
            try {
                method.invoke(contract.get());
            } catch (InvocationTargetException e) {
                if (!(e.getCause() instanceof TestAbortedException)) {
                    failures.put(method.getName(), e.getCause());
                }
            }
        }
        return failures;
    }

    /** The checks by which at least one of these is caught; each must be caught by one, with a lesson. */
    static Set<String> caughtBy(Map<String, Supplier<?>> wrong) throws Exception {
        Set<String> catching = new TreeSet<>();
        for (Map.Entry<String, Supplier<?>> mistake : wrong.entrySet()) {
            Map<String, Throwable> failures = failures(mistake.getValue());
            assertThat(failures).as(mistake.getKey()).isNotEmpty();
            failures.forEach((check, failure) -> {
                if (failure instanceof Lesson) {
                    catching.add(check);
                }
            });
        }
        return catching;
    }
}
