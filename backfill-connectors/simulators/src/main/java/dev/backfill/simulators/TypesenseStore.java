package dev.backfill.simulators;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import dev.backfill.simulators.TypesenseCollection.Change;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What all nodes of a cluster share. */
final class TypesenseStore implements AutoCloseable {

    final TypesenseSettings settings;
    final TypesenseFaults faults;
    final TypesenseCollection main;

    private final Time time = Ports.current().time();
    private final ConcurrentNavigableMap<String, TypesenseCollection> collections = new ConcurrentSkipListMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicLong room;
    private final AtomicLong lagEnds;

    TypesenseStore(TypesenseSettings settings) {
        this.settings = settings;
        faults = new TypesenseFaults(settings);
        room = new AtomicLong(settings.diskFullAfter);
        lagEnds = new AtomicLong(time.nanos() + settings.lagging.toNanos());
        TypesenseSeed seed = new TypesenseSeed(settings.seed, settings.products, settings.onlyHere);
        main = add(
                settings.name,
                settings.sortingField,
                List.of(TypesenseField.parse("name:string"), TypesenseField.parse("price:float")),
                seed);
        settings.empty.forEach((name, fields) -> add(name, "", fields, new TypesenseSeed(0, 0, 0)));
    }

    private TypesenseCollection add(String name, String sortingField, List<TypesenseField> fields, TypesenseSeed seed) {
        TypesenseQueue queue = new TypesenseQueue(waiting, settings.writesPerSecond);
        TypesenseCollection made = new TypesenseCollection(
                name,
                time.now().getEpochSecond(),
                sortingField,
                fields,
                seed,
                queue,
                settings.quirks.contains(TypesenseQuirk.NOT_EQUAL_NEEDS_FIELD));
        if (collections.putIfAbsent(name, made) != null) {
            queue.close();
            throw new IllegalArgumentException("there are two collections " + name);
        }
        return made;
    }

    /** @param missing what is said if there is none */
    TypesenseCollection collection(String name, String missing) throws TypesenseError {
        TypesenseCollection found = collections.get(name);
        if (found == null) {
            throw new TypesenseError(404, missing);
        }
        return found;
    }

    Collection<TypesenseCollection> collections() {
        return collections.values();
    }

    TypesenseCollection create(String name, String sortingField, List<TypesenseField> fields) throws TypesenseError {
        try {
            return add(name, sortingField, fields, new TypesenseSeed(0, 0, 0));
        } catch (IllegalArgumentException e) {
            throw new TypesenseError(409, "A collection with name `" + name + "` already exists.");
        }
    }

    void drop(TypesenseCollection collection) {
        collections.remove(collection.name, collection);
        collection.queue.end();
    }

    /** How many units of writes wait. */
    int waiting() {
        return waiting.get();
    }

    /** From now on everything is refused for so long. */
    void lag(Duration length) {
        lagEnds.set(time.nanos() + length.toNanos());
    }

    boolean lags(boolean write) {
        return lagEnds.get() - time.nanos() > 0
                || waiting.get() > (write ? settings.writeLag : settings.readLag)
                || waiting.get() > settings.readLag;
    }

    /** Takes the room of so many documents on the disk. */
    boolean takeRoom(int documents) {
        return settings.diskFullAfter < 0 || room.getAndAdd(-documents) > 0;
    }

    boolean full() {
        return settings.diskFullAfter >= 0 && room.get() <= 0;
    }

    void makeRoom() {
        room.set(Long.MAX_VALUE / 2);
    }

    TypesenseError noRoom() {
        return new TypesenseError(422, "Rejecting write: running out of resource type: " + settings.resource);
    }

    /** Whether the change of a schema may begin; it must be ended then. */
    boolean beginChange(TypesenseCollection collection) {
        boolean one = settings.major() < 28 || settings.quirks.contains(TypesenseQuirk.ONE_SCHEMA_CHANGE);
        if (changes.getAndIncrement() > 0 && one) {
            changes.decrementAndGet();
            return false;
        }
        if (!collection.change.compareAndSet(null, new Change(0, 0))) {
            changes.decrementAndGet();
            return false;
        }
        return true;
    }

    void endChange(TypesenseCollection collection) {
        collection.change.set(null);
        changes.decrementAndGet();
    }

    @Override
    public void close() {
        collections.values().forEach(each -> each.queue.close());
    }
}
