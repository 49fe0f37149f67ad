package dev.backfill.internal;

import java.lang.invoke.MethodHandles;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.module.blackbird.BlackbirdModule;

/**
 * Makes and reads a host's records by code instead of reflection, which the virtual machine takes much longer to make fast.
 *
 * <p>Only records, whose members can always be reached, and only those of the class path this library is on: types of a named module
 * would have to be open to Jackson's module too, and those of another class loader may not see it. They are bound by reflection.
 */
final class DirectBinding extends BlackbirdModule {

    private static final long serialVersionUID = 1;

    @Override
    protected Function<Class<?>, MethodHandles.@Nullable Lookup> findLookup() {
        MethodHandles.Lookup own = MethodHandles.lookup();
        boolean plain = !DirectBinding.class.getModule().isNamed();
        return type -> plain
                        && type.isRecord()
                        && !type.getModule().isNamed()
                        && type.getClassLoader() == DirectBinding.class.getClassLoader()
                ? own
                : null;
    }
}
