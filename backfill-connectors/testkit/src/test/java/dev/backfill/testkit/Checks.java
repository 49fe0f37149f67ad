package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

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
        for (Method check : methods(contract.get().getClass())) {
            failure(contract, check).ifPresent(failure -> failures.put(check.getName(), failure));
        }
        return failures;
    }

    private static Optional<Throwable> failure(Supplier<?> contract, Method check) throws Exception {
        check.setAccessible(true);
        try {
            check.invoke(contract.get());
            return Optional.empty();
        } catch (InvocationTargetException e) {
            // of a library of which JUnit does not want to be asked: a check that was left out
            return Optional.of(e.getCause())
                    .filter(failure -> !failure.getClass().getSimpleName().equals("TestAbortedException"));
        }
    }

    /**
     * The checks by which at least one of these is caught with a lesson; each of these must be caught by some check. What a check has shown
     * once it need not show again, if another catches the next.
     */
    static Set<String> caughtBy(Map<String, Supplier<?>> wrong) throws Exception {
        Set<String> catching = new TreeSet<>();
        for (Map.Entry<String, Supplier<?>> mistake : wrong.entrySet()) {
            List<Method> known = new ArrayList<>();
            boolean caught = false;
            for (Method check : methods(mistake.getValue().get().getClass())) {
                if (catching.contains(check.getName())) {
                    known.add(check);
                } else if (failure(mistake.getValue(), check)
                        .filter(Lesson.class::isInstance)
                        .isPresent()) {
                    catching.add(check.getName());
                    caught = true;
                }
            }
            for (Method check : known) {
                caught = caught || failure(mistake.getValue(), check).isPresent();
            }
            assertThat(caught).as(mistake.getKey() + " is caught").isTrue();
        }
        return catching;
    }
}
