// Asks ProtobufData every question of golden.jsonl and writes the file again with its answers.
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.*;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.confluent.connect.protobuf.ProtobufData;
import io.confluent.connect.protobuf.ProtobufDataConfig;
import io.confluent.kafka.schemaregistry.protobuf.ProtobufSchema;
import io.confluent.kafka.serializers.protobuf.ProtobufSchemaAndValue;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;

public class GoldenProtobufData {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
    /** For texts in values. */
    static final ObjectMapper PLAIN = new ObjectMapper();
    static final int DEEPEST_SCHEMA = 5;

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) MAPPER.readTree(line);
            one.remove(List.of("proto", "message", "indexes", "bytes", "back", "error"));
            try {
                if (one.get("kind").asText().equals("write")) write(one); else read(one);
            } catch (Throwable e) {
                one.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
            }
            out.append(MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    static ProtobufData data(ObjectNode one) {
        Map<String, Object> options = new HashMap<>();
        one.get("options").fields().forEachRemaining(e -> options.put(e.getKey(), e.getValue().asText()));
        return new ProtobufData(new ProtobufDataConfig(options));
    }

    /** A Connect value as JSON with its schema: its file and bytes, and what they are read as. */
    static void write(ObjectNode one) throws Exception {
        ProtobufData data = data(one);
        JsonConverter json = new JsonConverter();
        json.configure(Map.of("replace.null.with.default", "false"), false);
        SchemaAndValue both = json.toConnectData("t", one.get("text").asText().getBytes(StandardCharsets.UTF_8));
        ProtobufSchemaAndValue made = data.fromConnectData(both.schema(), both.value());
        one.put("proto", made.getSchema().canonicalString());
        Message message = (Message) made.getValue();
        if (message == null) {
            one.put("bytes", "null");
            return;
        }
        byte[] bytes = message.toByteArray();
        one.put("bytes", HexFormat.of().formatHex(bytes));
        String name = message.getDescriptorForType().getFullName();
        one.put("message", name);
        one.put("indexes", HexFormat.of().formatHex(made.getSchema().toMessageIndexes(name).toByteArray()));
        read(one, data(one), made.getSchema().canonicalString(), name, bytes, 3);
    }

    /** A file: bytes of a random value of one of its messages, if none are given, and what they are read as. */
    static void read(ObjectNode one) throws Exception {
        String name = one.get("of").asText();
        ProtobufSchema schema = new ProtobufSchema(one.get("text").asText());
        byte[] bytes;
        if (one.has("hex")) bytes = HexFormat.of().parseHex(one.get("hex").asText());
        else {
            bytes = value(schema.toDescriptor(name), new Random(one.get("seed").asLong()), 0).toByteArray();
            one.put("bytes", HexFormat.of().formatHex(bytes));
        }
        read(one, data(one), one.get("text").asText(), name, bytes, 2);
    }
    static void read(ObjectNode one, ProtobufData data, String text, String name, byte[] bytes, int version) throws Exception {
        ProtobufSchema schema = new ProtobufSchema(text).copy(name).copy(version);
        DynamicMessage message = DynamicMessage.parseFrom(schema.toDescriptor(), bytes);
        SchemaAndValue both = data.toConnectData(schema, message);
        one.put("back", dump(both.schema(), 0) + " = " + dump(both.value()));
    }

    /** A schema in words; those that contain themselves as far down as is told apart. */
    static String dump(Schema schema, int depth) {
        StringBuilder out = new StringBuilder(schema.type().toString());
        if (schema.isOptional()) out.append('?');
        if (schema.name() != null) out.append(' ').append(schema.name());
        if (schema.version() != null) out.append(" v").append(schema.version());
        if (schema.defaultValue() != null) out.append(" default");
        if (schema.parameters() != null && !schema.parameters().isEmpty()) out.append(' ').append(new TreeMap<>(schema.parameters()));
        if (depth == DEEPEST_SCHEMA) return out.toString();
        if (schema.type() == Schema.Type.ARRAY) out.append('[').append(dump(schema.valueSchema(), depth + 1)).append(']');
        if (schema.type() == Schema.Type.MAP) {
            out.append('<').append(dump(schema.keySchema(), depth + 1)).append(", ").append(dump(schema.valueSchema(), depth + 1)).append('>');
        }
        if (schema.type() == Schema.Type.STRUCT) {
            out.append('(');
            for (Field field : schema.fields()) out.append(field.name()).append(": ").append(dump(field.schema(), depth + 1)).append("; ");
            out.append(')');
        }
        return out.toString();
    }
    static String dump(Object value) throws Exception {
        if (value == null) return "null";
        if (value instanceof Struct) {
            StringBuilder out = new StringBuilder("{");
            for (Field field : ((Struct) value).schema().fields()) {
                out.append(field.name()).append(": ").append(dump(((Struct) value).get(field))).append("; ");
            }
            return out.append('}').toString();
        }
        if (value instanceof Map) {
            StringBuilder out = new StringBuilder("<");
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) out.append(dump(entry.getKey())).append(" -> ").append(dump(entry.getValue())).append("; ");
            return out.append('>').toString();
        }
        if (value instanceof List) {
            StringBuilder out = new StringBuilder("[");
            for (Object item : (List<?>) value) out.append(dump(item)).append("; ");
            return out.append(']').toString();
        }
        if (value instanceof Float || value instanceof Double) {
            return "f" + HexFormat.of().toHexDigits(Double.doubleToLongBits(((Number) value).doubleValue()));
        }
        if (value instanceof ByteBuffer) {
            byte[] bytes = new byte[((ByteBuffer) value).remaining()];
            ((ByteBuffer) value).duplicate().get(bytes);
            return "b" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof byte[]) return "b" + HexFormat.of().formatHex((byte[]) value);
        if (value instanceof BigDecimal) return "d" + ((BigDecimal) value).unscaledValue() + ":" + ((BigDecimal) value).scale();
        if (value instanceof Date) return "t" + ((Date) value).getTime();
        if (value instanceof String) return PLAIN.writeValueAsString(value);
        return value.toString();
    }

    static DynamicMessage value(Descriptor type, Random random, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        Set<OneofDescriptor> done = new HashSet<>();
        for (FieldDescriptor field : type.getFields()) {
            OneofDescriptor oneof = field.getRealContainingOneof();
            if (oneof != null) {
                if (!done.add(oneof) || random.nextInt(5) == 0) continue;
                field = oneof.getField(random.nextInt(oneof.getFieldCount()));
            }
            boolean isMessage = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            if (field.isRepeated()) {
                // Maps have one entry at most: their order is that of a hash map.
                int most = depth > 3 ? 1 : isMessage && field.getMessageType().getName().endsWith("Entry") ? 2 : 4;
                for (int left = random.nextInt(most); left > 0; left--) message.addRepeatedField(field, one(field, random, depth));
            } else if (field.isRequired() || ((!isMessage || depth < 4) && random.nextInt(4) > 0) || type.getOptions().getMapEntry()) {
                message.setField(field, one(field, random, depth));
            }
        }
        return message.build();
    }
    static Object one(FieldDescriptor field, Random random, int depth) {
        switch (field.getJavaType()) {
            case INT: return random.nextInt(6) == 0 ? 0 : random.nextInt() >> random.nextInt(32);
            case LONG: return random.nextInt(6) == 0 ? 0L : random.nextLong() >> random.nextInt(64);
            case FLOAT: return random.nextInt(6) == 0 ? -0f : (random.nextInt(2000) - 1000) / 8f;
            case DOUBLE: return random.nextInt(6) == 0 ? Double.NaN : (random.nextInt(200000) - 100000) / 64.0;
            case BOOLEAN: return random.nextBoolean();
            case STRING: return text(random);
            case BYTE_STRING: return ByteString.copyFrom(bytes(random, random.nextInt(5)));
            case ENUM: {
                List<EnumValueDescriptor> values = field.getEnumType().getValues();
                if (!field.legacyEnumFieldTreatedAsClosed() && random.nextInt(8) == 0) return field.getEnumType().findValueByNumberCreatingIfUnknown(77);
                return values.get(random.nextInt(values.size()));
            }
            default: return message(field.getMessageType(), random, depth + 1);
        }
    }
    /** Messages of logical types have values that they allow. */
    static Object message(Descriptor type, Random random, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        switch (type.getFullName()) {
            case "google.protobuf.Timestamp":
                return message.setField(type.findFieldByName("seconds"), random.nextLong() >> 30).setField(type.findFieldByName("nanos"), random.nextInt(1_000_000_000)).build();
            case "google.type.Date":
                return message.setField(type.findFieldByName("year"), 1 + random.nextInt(2500)).setField(type.findFieldByName("month"), 1 + random.nextInt(12)).setField(type.findFieldByName("day"), 1 + random.nextInt(random.nextInt(9) == 0 ? 31 : 28)).build();
            case "google.type.TimeOfDay":
                return message.setField(type.findFieldByName("hours"), random.nextInt(24)).setField(type.findFieldByName("minutes"), random.nextInt(60)).setField(type.findFieldByName("seconds"), random.nextInt(60)).setField(type.findFieldByName("nanos"), random.nextInt(1_000_000_000)).build();
            case "confluent.type.Decimal": {
                message.setField(type.findFieldByName("value"), ByteString.copyFrom(bytes(random, 1 + random.nextInt(9))));
                if (random.nextBoolean()) message.setField(type.findFieldByName("precision"), 1 + random.nextInt(20));
                return message.setField(type.findFieldByName("scale"), random.nextInt(10) - 3).build();
            }
            default:
                return value(type, random, depth);
        }
    }
    static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(5); left > 0; left--) text.append(new String[] {"a", "Z", " ", "\u00e9", "\u65e5", "\ud83d\ude00", "\""}[random.nextInt(7)]);
        return text.toString();
    }
    static byte[] bytes(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
