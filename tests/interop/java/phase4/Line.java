import com.helger.json.JsonArray;
import com.helger.json.JsonObject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A line of JSON on standard output: what the tests read of a peer. */
final class Line {
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final JsonObject said = new JsonObject();

    static Line of(String event) {
        return new Line().with("event", event);
    }

    Line with(String name, String value) {
        said.add(name, value);
        return this;
    }

    Line with(String name, long value) {
        said.add(name, value);
        return this;
    }

    Line with(String name, boolean value) {
        said.add(name, value);
        return this;
    }

    Line with(String name, Iterable<String> values) {
        JsonArray all = new JsonArray();
        values.forEach(all::add);
        said.add(name, all);
        return this;
    }

    void print() {
        synchronized (OUT) {
            OUT.println(said.getAsJsonString());
        }
    }
}
