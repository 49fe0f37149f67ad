package dev.backfill.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of the house, so that nobody has to remember them. */
class ArchitectureTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** What a module may see of the others, beside the core. Whatever is not here is a vendor's connector. */
    private static final Map<String, Set<String>> MAY_SEE = Map.of(
            "core", Set.of(),
            "files", Set.of(),
            "http", Set.of(),
            "jdbc", Set.of(),
            "mongodb", Set.of(),
            "simulators", Set.of(),
            "testkit", Set.of());

    private static final Set<String> A_CONNECTOR_MAY_SEE = Set.of("http", "jdbc");

    /** What is run and never a part of anything else; may see everything, the clock and the files. */
    private static final Set<String> PROGRAMS = Set.of("examples", "benchmarks");

    /** Where the class files of each module are, by its short name. */
    private static Map<String, Path> modules() throws IOException {
        Map<String, Path> modules = new LinkedHashMap<>();
        Matcher matcher = Pattern.compile("<module>(.*)</module>").matcher(Files.readString(ROOT.resolve("pom.xml")));
        while (matcher.find()) {
            Path folder = ROOT.resolve(matcher.group(1));
            modules.put(folder.getFileName().toString().replace("backfill-", ""), folder);
        }
        return modules;
    }

    private static JavaClasses classes(String module) throws IOException {
        return new ClassFileImporter().importPath(modules().get(module).resolve("target/classes"));
    }

    /** Read once: it is the larger part of the work. */
    private static final Map<String, JavaClasses> READ = new ConcurrentHashMap<>();

    private static JavaClasses library() throws IOException {
        JavaClasses read = READ.get("library");
        if (read == null) {
            read = readLibrary();
            READ.put("library", read);
        }
        return read;
    }

    private static JavaClasses readLibrary() throws IOException {
        List<Path> paths = new ArrayList<>();
        modules().forEach((name, folder) -> {
            if (!PROGRAMS.contains(name)) {
                paths.add(folder.resolve("target/classes"));
            }
        });
        return new ClassFileImporter().importPaths(paths);
    }

    /** But for what is made by building, and by the README's first command, which may be run before the tests. */
    @Test
    void theTopLevelHoldsWhatItShould() throws IOException {
        try (Stream<Path> entries = Files.list(ROOT)) {
            assertThat(entries.map(path -> path.getFileName().toString())
                            .filter(name -> !name.startsWith("."))
                            .filter(name -> !Set.of("target", "backfill-home").contains(name)))
                    .isSubsetOf(
                            "pom.xml",
                            "backfill-core",
                            "backfill-connectors",
                            "backfill-examples",
                            "docs",
                            "README.md",
                            "LICENSE",
                            "NOTICE",
                            "mvnw",
                            "mvnw.cmd");
        }
    }

    @Test
    void modulesLookDownwardsOnly() throws IOException {
        for (String module : modules().keySet()) {
            if (PROGRAMS.contains(module)) {
                continue;
            }
            Set<String> allowed = MAY_SEE.getOrDefault(module, A_CONNECTOR_MAY_SEE);
            JavaClasses classes = classes(module);
            for (String other : modules().keySet()) {
                if (!other.equals("core") && !other.equals(module) && !allowed.contains(other)) {
                    noClasses()
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage("dev.backfill." + other + "..")
                            .because(module + " may see the core and " + allowed)
                            .check(classes);
                }
            }
        }
    }

    @Test
    void theCoreNeedsJacksonFailsafeAndSlf4jOnly() throws IOException {
        noClasses()
                .should()
                .dependOnClassesThat(not(resideInAnyPackage(
                                "java.io..",
                                "java.lang..",
                                "java.math..",
                                "java.net",
                                "java.nio..",
                                "java.security..",
                                "java.time..",
                                "java.util..",
                                "dev.backfill",
                                "dev.backfill.checkpoint..",
                                "dev.backfill.internal..",
                                "tools.jackson..",
                                "dev.failsafe..",
                                "org.slf4j..",
                                "org.jspecify.."))
                        .and(not(JavaClass.Predicates.type(Object.class))))
                .check(classes("core"));
    }

    @Test
    void noLibraryTypeIsInAPublicSignature() throws IOException {
        List<String> found = new ArrayList<>();
        for (JavaClass type : library()) {
            boolean open = type.getModifiers().contains(JavaModifier.PUBLIC)
                    && !type.getPackageName().endsWith(".internal");
            if (!open) {
                continue;
            }
            for (JavaMember member : type.getMembers()) {
                boolean seen = member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED);
                if (seen) {
                    types(member)
                            .filter(ArchitectureTest::foreign)
                            .forEach(foreign -> found.add(member.getFullName() + " shows " + foreign.getName()));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static Stream<JavaClass> types(JavaMember member) {
        List<JavaType> types = new ArrayList<>();
        if (member instanceof JavaField field) {
            types.add(field.getType());
        } else if (member instanceof JavaCodeUnit method) {
            types.add(method.getReturnType());
            types.addAll(method.getParameterTypes());
            method.getExceptionTypes().forEach(types::add);
        }
        return types.stream().flatMap(type -> type.getAllInvolvedRawTypes().stream());
    }

    private static boolean foreign(JavaClass type) {
        return resideInAnyPackage(
                        "tools.jackson..",
                        "com.fasterxml..",
                        "dev.failsafe..",
                        "org.slf4j..",
                        "org.postgresql..",
                        "org.sqlite..",
                        "com.mongodb..",
                        "org.bson..",
                        "java.net.http..",
                        "com.sun..")
                .test(type);
    }

    @Test
    void everyModuleDeclaresItselfAndExportsNothingInternal() throws IOException {
        for (Map.Entry<String, Path> module : modules().entrySet()) {
            String declared = Files.readString(module.getValue().resolve("src/main/java/module-info.java"));
            assertThat(declared).as(module.getKey()).doesNotContainPattern("exports [\\w.]*internal;");
        }
    }

    @Test
    void timeChanceAndFilesComeThroughThePorts() throws IOException {
        noClasses()
                .that(not(simpleName("RealTime")
                        .or(simpleName("RealDisk"))
                        .or(simpleName("RealLoad"))
                        .or(simpleName("Machine"))))
                .should()
                .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                        new com.tngtech.archunit.base.DescribedPredicate<>("a clock, a sleep, chance or files") {
                            @Override
                            public boolean test(
                                    com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget target) {
                                String owner = target.getOwner().getName();
                                String name = target.getName();
                                boolean clock = owner.startsWith("java.time.")
                                        && (name.equals("now") || name.startsWith("system"));
                                boolean system = owner.equals("java.lang.System")
                                        && (name.equals("nanoTime") || name.equals("currentTimeMillis"));
                                return clock
                                        || system
                                        || (owner.equals("java.lang.Thread") && name.equals("sleep"))
                                        || (owner.equals("java.lang.Math") && name.equals("random"))
                                        || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
                                        || (owner.equals("java.util.concurrent.TimeUnit") && name.equals("sleep"))
                                        || owner.equals("java.util.concurrent.ThreadLocalRandom")
                                        || owner.equals("java.nio.file.Files");
                            }
                        }))
                .check(library());
        noClasses()
                .should()
                .callConstructor(java.util.Random.class)
                .orShould()
                .callConstructor(java.security.SecureRandom.class)
                .orShould()
                .callConstructor(java.io.FileOutputStream.class, java.io.File.class)
                .orShould()
                .callConstructor(java.io.FileInputStream.class, java.io.File.class)
                .check(library());
    }

    /** Signals are an API of the virtual machine without a name of its own; a record is asked for the components that it declares. */
    @Test
    void nothingIsFoundByMagic() throws IOException {
        noClasses()
                .that(not(simpleName("Signals")
                        .or(simpleName("PlainRecord"))
                        .or(simpleName("JsonRecord"))
                        .and(resideInAnyPackage("dev.backfill.internal"))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect..")
                .orShould()
                .callMethod(Class.class, "forName", String.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.ServiceLoader")
                .because("there is nothing to scan, inject or register here")
                .check(library());
        noFields().that().areStatic().should().notBeFinal().check(library());
    }

    @Test
    void noDangerousDeserialization() throws IOException {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.beans.XMLDecoder")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("javax.net.ssl.X509TrustManager")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("javax.net.ssl.HostnameVerifier")
                .check(library());
    }

    /** Javadoc on every public type, so that a newcomer is told what it is. */
    @Test
    void everyPublicTypeIsExplained() throws IOException {
        Pattern type = Pattern.compile(
                "^(public (?:abstract |final |sealed |non-sealed )*(?:class|interface|record|enum) \\w+)");
        List<String> silent = new ArrayList<>();
        for (Map.Entry<String, Path> module : modules().entrySet()) {
            if (PROGRAMS.contains(module.getKey())) {
                continue;
            }
            try (Stream<Path> files = Files.walk(module.getValue().resolve("src/main/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    String before = "";
                    for (String line : Files.readAllLines(file)) {
                        if (type.matcher(line).find() && !before.endsWith("*/")) {
                            silent.add(file.getFileName() + ": " + line);
                        }
                        before = line.startsWith("@") ? before : line;
                    }
                }
            }
        }
        assertThat(silent).isEmpty();
    }
}
