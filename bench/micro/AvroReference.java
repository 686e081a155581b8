// What the reference's classes cost for the records of avro-converter.ts: Avro's reader and writer, AvroData, and two
// transformations, without registry, framing or batches. With kafka-connect-avro-data of version 8 and all it needs, and
// Kafka's connect-transforms, in a folder $LIBS:
//   javac -cp "$LIBS/*" -d /tmp/bench AvroReference.java && java -XX:+UseSerialGC -cp "/tmp/bench:$LIBS/*" AvroReference
import io.confluent.connect.avro.AvroData;
import java.io.ByteArrayOutputStream;
import java.util.*;
import org.apache.avro.generic.*;
import org.apache.avro.io.*;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.transforms.*;

public class AvroReference {
    static final String[] MODES = {"read", "write", "both ways", "both ways, two SMTs"};
    static final int RECORDS = 1000, ROUNDS = 80, PASSES = 20;

    public static void main(String[] args) throws Exception {
        Schema schema = SchemaBuilder.struct().name("bench.Customer")
            .field("id", Schema.INT64_SCHEMA).field("name", Schema.STRING_SCHEMA).field("city", Schema.OPTIONAL_STRING_SCHEMA)
            .field("at", Schema.INT64_SCHEMA).field("amount", Schema.FLOAT64_SCHEMA).field("active", Schema.BOOLEAN_SCHEMA)
            .field("note", Schema.OPTIONAL_STRING_SCHEMA).build();
        AvroData data = new AvroData(1000);
        org.apache.avro.Schema avro = data.fromConnectSchema(schema);
        Map<org.apache.avro.Schema, GenericDatumWriter<Object>> writers = new IdentityHashMap<>();
        List<Struct> values = new ArrayList<>();
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < RECORDS; at++) {
            values.add(new Struct(schema).put("id", 1000000L + at).put("name", "customer-" + at).put("city", "Amsterdam")
                .put("at", 1700000000000L + at).put("amount", 12.5 + at).put("active", at % 2 == 0).put("note", "xxxxxxxx"));
            all.add(write(data, writers, schema, values.get(at)));
        }
        GenericDatumReader<Object> reader = new GenericDatumReader<>(avro);
        InsertField.Value<SinkRecord> insert = new InsertField.Value<>();
        insert.configure(Map.of("static.field", "source", "static.value", "bench"));
        ReplaceField.Value<SinkRecord> replace = new ReplaceField.Value<>();
        replace.configure(Map.of("exclude", "note"));
        double[] best = {1e9, 1e9, 1e9, 1e9};
        long sum = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int mode = 0; mode < MODES.length; mode++) {
                long start = System.nanoTime();
                for (int at = 0; at < PASSES * RECORDS; at++) {
                    Schema outSchema = schema;
                    Object out = values.get(at % RECORDS);
                    if (mode != 1) {
                        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(all.get(at % RECORDS), null);
                        SchemaAndValue read = data.toConnectData(avro, reader.read(null, decoder), 1);
                        outSchema = read.schema();
                        out = read.value();
                    }
                    if (mode == 3) {
                        SinkRecord record = replace.apply(insert.apply(new SinkRecord("t", 0, null, null, outSchema, out, at)));
                        outSchema = record.valueSchema();
                        out = record.value();
                    }
                    sum += mode == 0 ? outSchema.fields().size() : write(data, writers, outSchema, out).length;
                }
                best[mode] = Math.min(best[mode], (System.nanoTime() - start) / (double) (PASSES * RECORDS));
            }
        }
        for (int mode = 0; mode < MODES.length; mode++) System.out.printf("%-20s %6.0f ns a record%n", MODES[mode], best[mode]);
        if (sum == 0) throw new IllegalStateException("nothing was done");
    }

    static byte[] write(AvroData data, Map<org.apache.avro.Schema, GenericDatumWriter<Object>> writers, Schema schema, Object value)
            throws Exception {
        org.apache.avro.Schema avro = data.fromConnectSchema(schema);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        writers.computeIfAbsent(avro, GenericDatumWriter::new).write(data.fromConnectData(schema, value), encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
