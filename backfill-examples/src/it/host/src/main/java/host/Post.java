package host;

/** A record of the host, in a package that is open to JSON. */
public record Post(int id, String title) {}
