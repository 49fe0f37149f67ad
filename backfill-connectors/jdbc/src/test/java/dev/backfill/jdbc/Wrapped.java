package dev.backfill.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import javax.sql.DataSource;

/** A data source each call of whose connections and statements goes through a hook. */
final class Wrapped {

    private Wrapped() {}

    interface Call {
        Object run() throws Throwable;
    }

    interface Hook {
        Object on(String method, Object[] arguments, Call call) throws Throwable;
    }

    static DataSource source(DataSource source, Hook hook) {
        return (DataSource) wrap(DataSource.class, source, hook);
    }

    /** A data source that lends one connection, which stays open. */
    static DataSource lending(Connection connection) {
        Connection lent = (Connection) wrap(
                Connection.class, connection, (method, arguments, call) -> method.equals("close") ? null : call.run());
        return (DataSource) Proxy.newProxyInstance(
                Wrapped.class.getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> lent);
    }

    private static Object wrap(Class<?> type, Object real, Hook hook) {
        return Proxy.newProxyInstance(
                Wrapped.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> through(
                        hook.on(
                                method.getName(),
                                arguments == null ? new Object[0] : arguments,
                                () -> invoke(real, method, arguments)),
                        hook));
    }

    private static Object invoke(Object real, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Object through(Object result, Hook hook) {
        if (result instanceof Connection) {
            return wrap(Connection.class, result, hook);
        }
        if (result instanceof PreparedStatement) {
            return wrap(PreparedStatement.class, result, hook);
        }
        return result instanceof Statement ? wrap(Statement.class, result, hook) : result;
    }
}
