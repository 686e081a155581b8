// Asks the reference's converters every question of golden.jsonl and writes the file again with their answers.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.StringConverter;

public class GoldenConverters {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(com.fasterxml.jackson.core.JsonGenerator.Feature.ESCAPE_NON_ASCII);

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) MAPPER.readTree(line);
            one.remove(List.of("resultSchema", "result", "error"));
            try {
                answer(one);
            } catch (Throwable e) {
                one.put("error", e.getClass().getName() + ": " + e.getMessage());
            }
            out.append(MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    static void answer(ObjectNode one) throws Exception {
        Map<String, String> options = new HashMap<>();
        if (one.has("options")) one.get("options").fields().forEachRemaining(e -> options.put(e.getKey(), e.getValue().asText()));
        Schema schema = one.has("schema") ? schemaOf(one.get("schema")) : null;
        Object value = one.has("value") ? valueOf(one.get("value"), schema) : null;
        switch (one.get("kind").asText()) {
            case "write": {
                JsonConverter converter = new JsonConverter();
                converter.configure(options, false);
                put(one, converter.fromConnectData("t", schema, value));
                break;
            }
            case "read": {
                JsonConverter converter = new JsonConverter();
                converter.configure(options, false);
                describe(one, converter.toConnectData("t", bytesOf(one.get("text"))));
                break;
            }
            case "parse":
                describe(one, Values.parseString(one.get("text").asText()));
                break;
            case "text":
                put(one, Values.convertToString(schema, value));
                break;
            default: {
                StringConverter converter = new StringConverter();
                converter.configure(options, false);
                put(one, converter.fromConnectData("t", schema, value));
            }
        }
    }

    static void put(ObjectNode one, byte[] bytes) {
        put(one, bytes == null ? null : new String(bytes, StandardCharsets.UTF_8));
    }

    static void put(ObjectNode one, String text) {
        one.put("result", text);
    }

    static void describe(ObjectNode one, SchemaAndValue found) {
        if (found == null) found = SchemaAndValue.NULL;
        one.put("resultSchema", schemaText(found.schema()));
        one.put("result", valueText(found.value()));
    }

    static byte[] bytesOf(JsonNode text) {
        if (text.isTextual()) return text.asText().getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().parseHex(text.get("hex").asText());
    }

    static Schema schemaOf(JsonNode node) throws Exception {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of(), false);
        return converter.asConnectSchema(node);
    }

    static Object valueOf(JsonNode node, Schema schema) {
        if (node.isNull()) return null;
        String tag = node.fieldNames().next();
        JsonNode body = node.get(tag);
        switch (tag) {
            case "i8": return Byte.valueOf(body.asText());
            case "i16": return Short.valueOf(body.asText());
            case "i32": return Integer.valueOf(body.asText());
            case "i64": return Long.valueOf(body.asText());
            case "f32": return Float.valueOf(body.asText());
            case "f64": return Double.valueOf(body.asText());
            case "b": return body.booleanValue();
            case "s": return body.textValue();
            case "y": return Base64.getDecoder().decode(body.asText());
            case "dec": return new BigDecimal(body.asText());
            case "d": return new java.util.Date(body.longValue());
            case "l": {
                List<Object> list = new ArrayList<>();
                Schema items = schema != null && schema.type() == Schema.Type.ARRAY ? schema.valueSchema() : null;
                for (JsonNode item : body) list.add(valueOf(item, items));
                return list;
            }
            case "m": {
                Map<Object, Object> map = new LinkedHashMap<>();
                boolean typed = schema != null && schema.type() == Schema.Type.MAP;
                for (JsonNode pair : body) {
                    map.put(valueOf(pair.get(0), typed ? schema.keySchema() : null),
                            valueOf(pair.get(1), typed ? schema.valueSchema() : null));
                }
                return map;
            }
            default: {
                Struct struct = new Struct(schema);
                for (Field field : schema.fields()) {
                    JsonNode item = body.get(field.name());
                    if (item != null) struct.put(field, valueOf(item, field.schema()));
                }
                return struct;
            }
        }
    }

    static String schemaText(Schema schema) {
        if (schema == null) return "none";
        StringBuilder text = new StringBuilder(schema.type().toString());
        if (schema.isOptional()) text.append('?');
        if (schema.name() != null) text.append(" name=").append(schema.name());
        if (schema.version() != null) text.append(" version=").append(schema.version());
        if (schema.doc() != null) text.append(" doc=").append(schema.doc());
        if (schema.parameters() != null) text.append(" parameters=").append(new TreeMap<>(schema.parameters()));
        if (schema.defaultValue() != null) text.append(" default=").append(valueText(schema.defaultValue()));
        if (schema.type() == Schema.Type.ARRAY) text.append(" <").append(schemaText(schema.valueSchema())).append('>');
        if (schema.type() == Schema.Type.MAP) {
            text.append(" <").append(schemaText(schema.keySchema())).append(", ").append(schemaText(schema.valueSchema())).append('>');
        }
        if (schema.type() == Schema.Type.STRUCT) {
            text.append(" <");
            for (Field field : schema.fields()) text.append(field.name()).append(": ").append(schemaText(field.schema())).append("; ");
            text.append('>');
        }
        return text.toString();
    }

    static String valueText(Object value) {
        if (value == null) return "null";
        if (value instanceof String) return "'" + value + "'";
        if (value instanceof byte[]) return "bytes:" + Base64.getEncoder().encodeToString((byte[]) value);
        if (value instanceof java.util.Date) return "date:" + ((java.util.Date) value).getTime();
        if (value instanceof BigDecimal) return "decimal:" + value;
        if (value instanceof List) {
            List<String> parts = new ArrayList<>();
            for (Object item : (List<?>) value) parts.add(valueText(item));
            return "[" + String.join(", ", parts) + "]";
        }
        if (value instanceof Map) {
            List<String> parts = new ArrayList<>();
            for (Map.Entry<?, ?> e : ((Map<?, ?>) value).entrySet()) parts.add(valueText(e.getKey()) + "=" + valueText(e.getValue()));
            Collections.sort(parts);
            return "{" + String.join(", ", parts) + "}";
        }
        if (value instanceof Struct) {
            List<String> parts = new ArrayList<>();
            for (Field field : ((Struct) value).schema().fields()) {
                parts.add(field.name() + "=" + valueText(((Struct) value).getWithoutDefault(field.name())));
            }
            return "Struct{" + String.join(", ", parts) + "}";
        }
        return value.toString();
    }
}
