package host.closed;

/** A record of the host, in a package that is not open to JSON. */
public record Hidden(int id, String title) {}
