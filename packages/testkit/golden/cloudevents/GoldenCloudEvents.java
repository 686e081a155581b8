// Asks Debezium's converter every question of golden.jsonl and writes the file again with its answers.
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.debezium.converters.CloudEventsConverter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.Schema;

public class GoldenCloudEvents extends GoldenConverters {
    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) MAPPER.readTree(line);
            one.remove(List.of("resultSchema", "result", "error"));
            try {
                answer(one);
            } catch (Throwable e) {
                one.put("error", e.getClass().getName());
            }
            out.append(MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    static void answer(ObjectNode one) throws Exception {
        Map<String, String> options = new HashMap<>();
        if (one.has("options")) one.get("options").fields().forEachRemaining(e -> options.put(e.getKey(), e.getValue().asText()));
        CloudEventsConverter converter = new CloudEventsConverter();
        converter.configure(options, false);
        if (one.get("kind").asText().equals("read")) {
            describe(one, converter.toConnectData("t", bytesOf(one.get("text"))));
            return;
        }
        RecordHeaders headers = new RecordHeaders();
        if (one.has("headers")) {
            one.get("headers").fields().forEachRemaining(e -> headers.add(e.getKey(), e.getValue().asText().getBytes(StandardCharsets.UTF_8)));
        }
        Schema schema = schemaOf(one.get("schema"));
        put(one, converter.fromConnectData("t", headers, schema, valueOf(one.get("value"), schema)));
    }
}
