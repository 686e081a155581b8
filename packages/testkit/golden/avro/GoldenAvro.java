// Asks Avro's own classes every question of golden.jsonl and writes the file again with their answers.
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.avro.*;
import org.apache.avro.generic.*;
import org.apache.avro.io.*;

public class GoldenAvro {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        StringBuilder out = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            ObjectNode one = (ObjectNode) MAPPER.readTree(line);
            one.remove(List.of("text", "canonical", "crc64", "sha256", "error", "strict", "findings", "bytes", "read", "readError"));
            try {
                if (one.get("kind").asText().equals("parse")) parse(one); else pair(one);
            } catch (Throwable e) {
                one.put("error", e.getClass().getName());
            }
            out.append(MAPPER.writeValueAsString(one)).append('\n');
        }
        Files.writeString(file, out);
    }

    static Schema schema(String text, boolean strict) {
        Schema.Parser parser = new Schema.Parser(NameValidator.STRICT_VALIDATOR);
        parser.setValidateDefaults(strict);
        return parser.parse(text);
    }

    static void parse(ObjectNode one) throws Exception {
        Schema schema = schema(one.get("schema").asText(), false);
        one.put("text", schema.toString());
        one.put("canonical", SchemaNormalization.toParsingForm(schema));
        one.put("crc64", HexFormat.of().formatHex(SchemaNormalization.parsingFingerprint("CRC-64-AVRO", schema)));
        one.put("sha256", HexFormat.of().formatHex(SchemaNormalization.parsingFingerprint("SHA-256", schema)));
        boolean strict = true;
        try { schema(one.get("schema").asText(), true); } catch (RuntimeException e) { strict = false; }
        one.put("strict", strict);
    }

    static void pair(ObjectNode one) throws Exception {
        Schema writer = schema(one.get("writer").asText(), false);
        Schema reader = schema(one.get("reader").asText(), false);
        ArrayNode findings = one.putArray("findings");
        for (SchemaCompatibility.Incompatibility found : SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult().getIncompatibilities())
            findings.addArray().add(found.getType().toString()).add(found.getLocation()).add(found.getMessage());
        Random random = new Random(one.get("seed").asLong());
        ArrayNode bytes = one.putArray("bytes");
        ArrayNode read = one.putArray("read");
        for (int at = 0; at < 3; at++) {
            byte[] written;
            try {
                written = write(writer, value(writer, random, 0));
            } catch (StackOverflowError e) {
                return; // A record that always contains itself has no values.
            }
            bytes.add(HexFormat.of().formatHex(written));
            try {
                Object resolved = new GenericDatumReader<>(writer, reader).read(null, DecoderFactory.get().binaryDecoder(written, null));
                read.add(HexFormat.of().formatHex(write(reader, resolved)));
            } catch (AvroTypeException e) {
                read.addNull();
            }
        }
    }

    static byte[] write(Schema schema, Object value) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(value, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    /** Maps have one entry at most: their order is that of a hash map. */
    static Object value(Schema schema, Random random, int depth) {
        switch (schema.getType()) {
            case NULL: return null;
            case BOOLEAN: return random.nextBoolean();
            case INT: return random.nextInt() >> random.nextInt(32);
            case LONG: return random.nextLong() >> random.nextInt(64);
            case FLOAT: return random.nextInt(10) == 0 ? Float.NaN : (float) random.nextGaussian();
            case DOUBLE: return random.nextInt(10) == 0 ? Double.NEGATIVE_INFINITY : random.nextGaussian();
            case STRING: return text(random);
            case BYTES: return ByteBuffer.wrap(bytes(random, random.nextInt(8)));
            case FIXED: return new GenericData.Fixed(schema, bytes(random, schema.getFixedSize()));
            case ENUM: return new GenericData.EnumSymbol(schema, schema.getEnumSymbols().get(random.nextInt(schema.getEnumSymbols().size())));
            case UNION: return value(schema.getTypes().get(depth > 6 ? 0 : random.nextInt(schema.getTypes().size())), random, depth + 1);
            case ARRAY: {
                List<Object> items = new ArrayList<>();
                for (int left = depth > 6 ? 0 : random.nextInt(3); left > 0; left--) items.add(value(schema.getElementType(), random, depth + 1));
                return items;
            }
            case MAP: return depth > 6 || random.nextBoolean() ? new HashMap<>() : entry(schema, random, depth);
            default: {
                GenericRecord record = new GenericData.Record(schema);
                for (Schema.Field field : schema.getFields()) record.put(field.pos(), value(field.schema(), random, depth + 1));
                return record;
            }
        }
    }
    static Map<String, Object> entry(Schema schema, Random random, int depth) {
        Map<String, Object> map = new HashMap<>();
        map.put(text(random), value(schema.getValueType(), random, depth + 1));
        return map;
    }
    static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(5); left > 0; left--) text.append(new String[] {"a", "Z", " ", "\u00e9", "\u65e5", "\ud83d\ude00", "\u0000", "\""}[random.nextInt(8)]);
        return text.toString();
    }
    static byte[] bytes(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
