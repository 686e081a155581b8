// Asks AvroData every question of golden.jsonl and writes the file again with its answers.
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.confluent.connect.avro.AvroData;
import io.confluent.connect.avro.AvroDataConfig;
import io.confluent.kafka.serializers.NonRecordContainer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.*;
import org.apache.avro.io.*;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;

public class GoldenAvroData {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) MAPPER.readTree(line);
            one.remove(List.of("avro", "bytes", "back", "error"));
            try {
                if (one.get("kind").asText().equals("write")) write(one); else read(one);
            } catch (Throwable e) {
                one.put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
            }
            out.append(MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    static AvroData avroData(ObjectNode one) {
        Map<String, Object> options = new HashMap<>();
        if (one.has("options")) one.get("options").fields().forEachRemaining(e -> options.put(e.getKey(), e.getValue().asText()));
        return new AvroData(new AvroDataConfig(options));
    }
    static JsonConverter json() {
        JsonConverter json = new JsonConverter();
        json.configure(Map.of("replace.null.with.default", "false"), false);
        return json;
    }
    static String text(SchemaAndValue both) throws Exception {
        if (both == null) return "null";
        // In the mapper's own words: escapes do not differ then.
        return MAPPER.writeValueAsString(MAPPER.readTree(json().fromConnectData("t", both.schema(), both.value())));
    }

    /** A Connect value as JSON with its schema: its Avro schema and bytes, and what they are read as. */
    static void write(ObjectNode one) throws Exception {
        AvroData data = avroData(one);
        SchemaAndValue both = json().toConnectData("t", one.get("text").asText().getBytes(StandardCharsets.UTF_8));
        Schema schema = data.fromConnectSchema(both.schema());
        one.put("avro", schema.toString());
        Object value = data.fromConnectData(both.schema(), both.value());
        if (value instanceof NonRecordContainer) value = ((NonRecordContainer) value).getValue();
        byte[] bytes = write(schema, value);
        one.put("bytes", HexFormat.of().formatHex(bytes));
        one.put("back", text(read(data, new Schema.Parser().parse(schema.toString()), bytes, 3)));
    }

    /** An Avro schema: random bytes under it, and what they are read as. */
    static void read(ObjectNode one) throws Exception {
        Schema schema = new Schema.Parser().parse(one.get("schema").asText());
        byte[] bytes = write(schema, value(schema, new Random(one.get("seed").asLong()), 0));
        one.put("bytes", HexFormat.of().formatHex(bytes));
        one.put("back", text(read(avroData(one), schema, bytes, 2)));
    }

    static SchemaAndValue read(AvroData data, Schema schema, byte[] bytes, int version) throws Exception {
        Object value = new GenericDatumReader<>(schema).read(null, DecoderFactory.get().binaryDecoder(bytes, null));
        return data.toConnectData(schema, value, version);
    }
    static byte[] write(Schema schema, Object value) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(value, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    /** Maps have one entry at most: their order is that of a hash map. Logical types have values that they allow. */
    static Object value(Schema schema, Random random, int depth) {
        String logical = String.valueOf(schema.getProp("logicalType"));
        switch (schema.getType()) {
            case NULL: return null;
            case BOOLEAN: return random.nextBoolean();
            case INT: return logical.equals("time-millis") ? random.nextInt(86400000) : random.nextInt() >> (8 + random.nextInt(24));
            case LONG: return random.nextLong() >> (16 + random.nextInt(48));
            case FLOAT: return (random.nextInt(2000) - 1000) / 8f;
            case DOUBLE: return (random.nextInt(200000) - 100000) / 64.0;
            case STRING: return text(random);
            case BYTES: return ByteBuffer.wrap(logical.equals("decimal") ? java.math.BigInteger.valueOf(random.nextLong() >> random.nextInt(60)).toByteArray() : bytes(random, random.nextInt(8)));
            case FIXED: return new GenericData.Fixed(schema, bytes(random, schema.getFixedSize()));
            case ENUM: return new GenericData.EnumSymbol(schema, schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size())));
            case UNION: return value(schema.getTypes().get(depth > 6 ? 0 : random.nextInt(schema.getTypes().size())), random, depth + 1);
            case ARRAY: {
                List<Object> items = new ArrayList<>();
                boolean isMap = schema.getElementType().getProp("connect.internal.type") != null;
                for (int left = depth > 6 ? 0 : random.nextInt(isMap ? 2 : 3); left > 0; left--) items.add(value(schema.getElementType(), random, depth + 1));
                return items;
            }
            case MAP: {
                Map<String, Object> map = new HashMap<>();
                if (depth <= 6 && random.nextBoolean()) map.put(text(random), value(schema.getValueType(), random, depth + 1));
                return map;
            }
            default: {
                GenericRecord record = new GenericData.Record(schema);
                for (Schema.Field field : schema.getFields()) record.put(field.pos(), value(field.schema(), random, depth + 1));
                return record;
            }
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
