// Puts every question of a file to the reference's transformations and predicates; writes the file again with their answers.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.header.*;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

public class GoldenTransforms {
    static final String PACKAGE = System.getProperty("package", "org.apache.kafka.connect.transforms.");

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) GoldenConverters.MAPPER.readTree(line);
            one.remove(List.of("result", "error"));
            try {
                one.put("result", answer(one));
            } catch (Throwable e) {
                one.put("error", e.getClass().getName() + ": " + e.getMessage());
            }
            out.append(GoldenConverters.MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static String answer(ObjectNode one) throws Exception {
        Map<String, String> config = new LinkedHashMap<>();
        one.get("config").fields().forEachRemaining(e -> config.put(e.getKey(), e.getValue().asText()));
        Object plugin = Class.forName(PACKAGE + one.get("type").asText()).getDeclaredConstructor().newInstance();
        if (plugin instanceof Predicate) {
            ((Predicate) plugin).configure(config);
            return String.valueOf(((Predicate) plugin).test(recordOf(one)));
        }
        Transformation transformation = (Transformation) plugin;
        transformation.configure(config);
        return text(transformation.apply(recordOf(one)));
    }

    static ConnectRecord<?> recordOf(ObjectNode one) throws Exception {
        Schema keySchema = schemaOf(one.get("keySchema"));
        Object key = valueOf(one.get("key"), keySchema);
        Schema valueSchema = schemaOf(one.get("valueSchema"));
        Object value = valueOf(one.get("value"), valueSchema);
        Long timestamp = one.has("timestamp") ? one.get("timestamp").longValue() : null;
        Headers headers = new ConnectHeaders();
        if (one.has("headers")) {
            for (JsonNode header : one.get("headers")) {
                Schema schema = schemaOf(header.get(1));
                headers.add(header.get(0).asText(), new SchemaAndValue(schema, valueOf(header.get(2), schema)));
            }
        }
        String topic = one.get("topic").asText();
        if (one.get("sink").booleanValue()) {
            return new SinkRecord(topic, one.get("partition").intValue(), keySchema, key, valueSchema, value, 42L, timestamp,
                TimestampType.CREATE_TIME, headers);
        }
        Integer partition = one.has("partition") ? one.get("partition").intValue() : null;
        return new SourceRecord(Map.of(), Map.of(), topic, partition, keySchema, key, valueSchema, value, timestamp, headers);
    }

    static Schema schemaOf(JsonNode node) throws Exception {
        return node == null || node.isNull() ? null : GoldenConverters.schemaOf(node);
    }

    static Object valueOf(JsonNode node, Schema schema) {
        return node == null ? null : GoldenConverters.valueOf(node, schema);
    }

    static String text(ConnectRecord<?> record) {
        if (record == null) return "dropped";
        StringBuilder text = new StringBuilder();
        text.append(record.topic()).append('|').append(record.kafkaPartition()).append('|').append(record.timestamp());
        text.append('|').append(GoldenConverters.schemaText(record.keySchema())).append('|').append(GoldenConverters.valueText(record.key()));
        text.append('|').append(GoldenConverters.schemaText(record.valueSchema())).append('|').append(GoldenConverters.valueText(record.value()));
        for (Header header : record.headers()) {
            text.append('|').append(header.key()).append(' ').append(GoldenConverters.schemaText(header.schema()));
            text.append(' ').append(GoldenConverters.valueText(header.value()));
        }
        return text.toString();
    }
}
