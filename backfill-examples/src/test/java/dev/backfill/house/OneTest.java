package dev.backfill.house;

import dev.backfill.house.PlantedBug.Detector;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.discovery.MethodSelector;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs one test as JUnit does, with the classes of some class loader. */
final class OneTest implements TestExecutionListener {

    /** What became of it: how many tests ran, and the first failure. */
    record Outcome(int tests, Optional<Throwable> failure) {

        /** Whether it failed because classes do not fit together, which says nothing about behaviour. */
        boolean misfit() {
            return failure.filter(e -> e instanceof LinkageError || e instanceof ReflectiveOperationException)
                    .isPresent();
        }
    }

    private final List<Throwable> failures = new ArrayList<>();
    private int tests;

    private OneTest() {}

    /** Runs in this thread, whose context class loader the test has meanwhile. */
    static Outcome run(ClassLoader loader, Detector detector) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(selector(loader, detector))
                    .build();
            Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
                    .enableTestExecutionListenerAutoRegistration(false)
                    .enableLauncherSessionListenerAutoRegistration(false)
                    .enableLauncherDiscoveryListenerAutoRegistration(false)
                    .enablePostDiscoveryFilterAutoRegistration(false)
                    .build());
            OneTest one = new OneTest();
            launcher.execute(request, one);
            return new Outcome(one.tests, one.failures.stream().findFirst());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static DiscoverySelector selector(ClassLoader loader, Detector detector) {
        Class<?> type;
        try {
            type = Class.forName(detector.type(), true, loader);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(
                    "there is no test class " + detector.type()
                            + "; are the tests of its module compiled (-am, and not maven.test.skip)?",
                    e);
        }
        MethodSelector method = DiscoverySelectors.selectMethod(type, method(type, detector.method()));
        return detector.invocation().isEmpty()
                ? method
                : DiscoverySelectors.selectIteration(
                        method, detector.invocation().getAsInt());
    }

    private static Method method(Class<?> type, String name) {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            Optional<Method> found = Arrays.stream(at.getDeclaredMethods())
                    .filter(method -> method.getName().equals(name) && !method.isSynthetic())
                    .findFirst();
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new AssertionError(
                "the test " + type.getName() + "#" + name + " is gone; name the one that shows it now");
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        tests += test.isTest() ? 1 : 0;
        result.getThrowable().ifPresent(failures::add);
    }

    /** In a process of its own: ends with 0 if the test passes, with 1 if it fails, and with 2 if it cannot be run. */
    public static void main(String[] arguments) {
        int code = 2;
        try {
            Outcome outcome = run(ClassLoader.getSystemClassLoader(), Detector.parse(arguments[0]));
            outcome.failure().ifPresent(System.out::println);
            if (outcome.tests() > 0 && !outcome.misfit()) {
                code = outcome.failure().isPresent() ? 1 : 0;
            }
        } catch (AssertionError | RuntimeException e) {
            System.out.println(e);
        }
        Runtime.getRuntime().halt(code);
    }
}
