// What the reference's classes cost for the records of protobuf-converter.ts: DynamicMessage and ProtobufData, without registry,
// framing or batches; InsertField is left out, since they cannot write what it adds to a struct that was read. With
// kafka-connect-protobuf-converter of version 8 and all it needs in a folder $LIBS:
//   javac -cp "$LIBS/*" -d /tmp/bench ProtobufReference.java && java -XX:+UseSerialGC -cp "/tmp/bench:$LIBS/*" ProtobufReference
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.confluent.connect.protobuf.ProtobufData;
import io.confluent.kafka.schemaregistry.protobuf.ProtobufSchema;
import java.util.*;
import org.apache.kafka.connect.data.*;

public class ProtobufReference {
    static final String[] MODES = {"read", "write", "both ways"};
    static final int RECORDS = 1000, ROUNDS = 80, PASSES = 20;

    public static void main(String[] args) throws Exception {
        Schema schema = SchemaBuilder.struct().name("bench.Customer")
            .field("id", Schema.INT64_SCHEMA).field("name", Schema.STRING_SCHEMA).field("city", Schema.OPTIONAL_STRING_SCHEMA)
            .field("at", Schema.INT64_SCHEMA).field("amount", Schema.FLOAT64_SCHEMA).field("active", Schema.BOOLEAN_SCHEMA)
            .field("note", Schema.OPTIONAL_STRING_SCHEMA).build();
        ProtobufData data = new ProtobufData(1000);
        // As it comes from a registry.
        ProtobufSchema registered = new ProtobufSchema(data.fromConnectSchema(schema).canonicalString()).copy("bench.Customer");
        List<Struct> values = new ArrayList<>();
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < RECORDS; at++) {
            values.add(new Struct(schema).put("id", 1000000L + at).put("name", "customer-" + at).put("city", "Amsterdam")
                .put("at", 1700000000000L + at).put("amount", 12.5 + at).put("active", at % 2 == 0).put("note", "xxxxxxxx"));
            all.add(write(data, schema, values.get(at)));
        }
        double[] best = {1e9, 1e9, 1e9};
        long sum = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (int mode = 0; mode < MODES.length; mode++) {
                long start = System.nanoTime();
                for (int at = 0; at < PASSES * RECORDS; at++) {
                    Schema outSchema = schema;
                    Object out = values.get(at % RECORDS);
                    if (mode != 1) {
                        Message message = DynamicMessage.parseFrom(registered.toDescriptor(), all.get(at % RECORDS));
                        SchemaAndValue read = data.toConnectData(registered, message);
                        outSchema = read.schema();
                        out = read.value();
                    }
                    sum += mode == 0 ? outSchema.fields().size() : write(data, outSchema, out).length;
                }
                best[mode] = Math.min(best[mode], (System.nanoTime() - start) / (double) (PASSES * RECORDS));
            }
        }
        for (int mode = 0; mode < MODES.length; mode++) System.out.printf("%-20s %6.0f ns a record%n", MODES[mode], best[mode]);
        if (sum == 0) throw new IllegalStateException("nothing was done");
    }

    static byte[] write(ProtobufData data, Schema schema, Object value) {
        return ((Message) data.fromConnectData(schema, value).getValue()).toByteArray();
    }
}
