// Asks the reference's own classes every question of a file of JSON lines and writes it again with their answers.
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import io.confluent.kafka.schemaregistry.protobuf.ProtobufSchema;
import io.confluent.kafka.schemaregistry.protobuf.diff.Difference;
import io.confluent.kafka.schemaregistry.protobuf.diff.SchemaDiff;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;

public class GoldenProtobuf {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) MAPPER.readTree(line);
            one.remove(List.of("text", "normal", "plain", "bytes", "again", "error", "differences", "reasons"));
            try {
                if (one.get("kind").asText().equals("parse")) parse(one); else pair(one);
            } catch (Throwable e) {
                one.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
            }
            out.append(MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    static ProtobufSchema schema(JsonNode text, JsonNode references) {
        List<SchemaReference> list = new ArrayList<>();
        Map<String, String> texts = new LinkedHashMap<>();
        if (references != null) references.fields().forEachRemaining(entry -> {
            list.add(new SchemaReference(entry.getKey(), entry.getKey(), 1));
            texts.put(entry.getKey(), entry.getValue().asText());
        });
        return new ProtobufSchema(text.asText(), list, texts, null, null);
    }

    static void parse(ObjectNode one) {
        ProtobufSchema schema = schema(one.get("schema"), one.get("references"));
        one.put("text", schema.canonicalString());
        String plain = schema.formattedString("ignore_extensions");
        if (!plain.equals(schema.canonicalString())) one.put("plain", plain);
        try {
            one.put("normal", schema.normalize().canonicalString());
        } catch (RuntimeException e) {
            one.putNull("normal");
        }
        try {
            one.put("bytes", schema.formattedString("serialized"));
            one.put("again", schema(one.get("bytes"), one.get("references")).canonicalString());
        } catch (RuntimeException e) {
            one.putNull("bytes");
        }
    }

    static void pair(ObjectNode one) {
        ProtobufSchema writer = schema(one.get("writer"), one.get("references"));
        ProtobufSchema reader = schema(one.get("reader"), one.get("references"));
        ArrayNode differences = one.putArray("differences");
        for (Difference found : SchemaDiff.compare(writer, reader))
            differences.addArray().add(found.getType().toString()).add(found.getFullPath());
        ArrayNode reasons = one.putArray("reasons");
        for (String reason : reader.isBackwardCompatible(writer)) reasons.add(reason);
    }
}
