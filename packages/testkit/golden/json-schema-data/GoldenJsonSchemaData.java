// Asks JsonSchemaData every question of golden.jsonl and writes the file again with its answers.
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.*;
import io.confluent.connect.json.JsonSchemaData;
import io.confluent.connect.json.JsonSchemaDataConfig;
import io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import io.confluent.kafka.schemaregistry.json.JsonSchema;
import io.confluent.kafka.schemaregistry.json.jackson.Jackson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.json.JsonConverter;

public class GoldenJsonSchemaData {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
    static final ObjectMapper VALUES = Jackson.newObjectMapper();
    static final int DEPTH = 5;

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) MAPPER.readTree(line);
            one.remove(List.of("json", "payload", "back", "value", "valid", "error"));
            try {
                if (one.get("kind").asText().equals("write")) write(one); else read(one);
            } catch (Throwable e) {
                Throwable root = e;
                while (root.getCause() != null) root = root.getCause();
                one.put("error", e.getClass().getSimpleName() + ": " + e.getMessage() + (root == e ? "" : " <- " + root.getClass().getSimpleName() + ": " + root.getMessage()));
            }
            out.append(MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    static JsonSchemaData data(ObjectNode one) {
        Map<String, Object> options = new HashMap<>();
        one.get("options").fields().forEachRemaining(e -> options.put(e.getKey(), e.getValue().asText()));
        return new JsonSchemaData(new JsonSchemaDataConfig(options));
    }

    /** A Connect value as JSON with its schema: its JSON schema and text, and what they are read as. */
    static void write(ObjectNode one) throws Exception {
        JsonSchemaData data = data(one);
        JsonConverter json = new JsonConverter();
        json.configure(Map.of("replace.null.with.default", "false"), false);
        SchemaAndValue both = json.toConnectData("t", one.get("text").asText().getBytes(StandardCharsets.UTF_8));
        String schema = data.fromConnectSchema(both.schema()).canonicalString();
        one.put("json", schema);
        JsonNode value = data.fromConnectData(both.schema(), both.value());
        if (value == null) return;
        String payload = VALUES.writeValueAsString(value);
        one.put("payload", payload);
        answer(one, data, new JsonSchema(schema).copy(3), payload);
    }

    /** A JSON schema and a text under it: what it is read as. */
    static void read(ObjectNode one) throws Exception {
        List<SchemaReference> references = new ArrayList<>();
        Map<String, String> texts = new HashMap<>();
        if (one.has("references")) one.get("references").fields().forEachRemaining(e -> {
            references.add(new SchemaReference(e.getKey(), e.getKey(), 1));
            texts.put(e.getKey(), e.getValue().asText());
        });
        JsonSchema json = new JsonSchema(one.get("schema").asText(), references, texts, 2);
        if (one.get("options").has("ignore.modern.dialects")) json = json.copyIgnoringModernDialects();
        try {
            json.validate(VALUES.readTree(one.get("text").asText()));
            one.put("valid", true);
        } catch (org.everit.json.schema.ValidationException e) {
            one.put("valid", false);
        }
        answer(one, data(one), json, one.get("text").asText());
    }
    static void answer(ObjectNode one, JsonSchemaData data, JsonSchema json, String payload) throws Exception {
        Schema schema = data.toConnectSchema(json);
        one.put("back", MAPPER.writeValueAsString(describe(schema, 0)));
        one.put("value", MAPPER.writeValueAsString(print(data.toConnectData(schema, VALUES.readTree(payload)))));
    }

    static JsonNode describe(Schema schema, int depth) {
        if (schema == null) return NullNode.instance;
        if (depth > DEPTH) return TextNode.valueOf("...");
        ObjectNode node = MAPPER.createObjectNode();
        node.put("type", schema.type().toString() + (schema.isOptional() ? "?" : ""));
        if (schema.name() != null) node.put("name", schema.name());
        if (schema.version() != null) node.put("version", schema.version());
        if (schema.doc() != null) node.put("doc", schema.doc());
        if (schema.parameters() != null && !schema.parameters().isEmpty()) {
            ObjectNode parameters = node.putObject("parameters");
            new TreeMap<>(schema.parameters()).forEach(parameters::put);
        }
        if (schema.defaultValue() != null) node.set("default", print(schema.defaultValue()));
        if (schema.type() == Schema.Type.STRUCT) {
            ObjectNode fields = node.putObject("fields");
            for (Field field : schema.fields()) fields.set(field.name(), describe(field.schema(), depth + 1));
        }
        if (schema.type() == Schema.Type.MAP) node.set("keys", describe(schema.keySchema(), depth + 1));
        if (schema.type() == Schema.Type.MAP || schema.type() == Schema.Type.ARRAY) node.set("items", describe(schema.valueSchema(), depth + 1));
        return node;
    }
    static JsonNode print(Object value) {
        if (value == null) return NullNode.instance;
        if (value instanceof Struct) {
            ObjectNode node = MAPPER.createObjectNode();
            for (Field field : ((Struct) value).schema().fields()) node.set(field.name(), print(((Struct) value).getWithoutDefault(field.name())));
            return node;
        }
        if (value instanceof Map) {
            ArrayNode node = MAPPER.createArrayNode();
            TreeMap<String, JsonNode> sorted = new TreeMap<>();
            ((Map<?, ?>) value).forEach((k, v) -> sorted.put(print(k).toString(), print(v)));
            sorted.forEach((k, v) -> node.add(k).add(v));
            return node;
        }
        if (value instanceof Collection) {
            ArrayNode node = MAPPER.createArrayNode();
            ((Collection<?>) value).forEach(item -> node.add(print(item)));
            return node;
        }
        if (value instanceof byte[]) return TextNode.valueOf("bytes " + HexFormat.of().formatHex((byte[]) value));
        if (value instanceof java.util.Date) return TextNode.valueOf("date " + ((java.util.Date) value).getTime());
        if (value instanceof BigDecimal) return TextNode.valueOf("decimal " + value);
        if (value instanceof Number) return TextNode.valueOf(value instanceof Float || value instanceof Double ? "float " + value : "int " + value);
        return MAPPER.valueToTree(value);
    }
}
