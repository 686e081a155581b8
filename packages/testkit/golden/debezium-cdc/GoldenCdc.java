// Asks Debezium's own classes what the CDC kit is held to: schemas, adjusted names, topics, table names, lists, hashes. A JSON object a line.
import io.debezium.schema.*;
import io.debezium.data.*;
import io.debezium.data.geometry.*;
import io.debezium.data.vector.*;
import io.debezium.time.*;
import io.debezium.relational.*;
import io.debezium.relational.mapping.*;
import io.debezium.connector.*;
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.json.*;
import java.util.*;
import com.fasterxml.jackson.databind.*;
public class GoldenCdc {
  static JsonConverter c = new JsonConverter();
  static ObjectMapper m = new ObjectMapper();
  static void out(String kind, String name, Object value) throws Exception {
    Map<String,Object> o = new LinkedHashMap<>(); o.put("kind", kind); o.put("name", name); o.put("value", value);
    System.out.println(m.writeValueAsString(o));
  }
  static void schema(String name, Schema s) throws Exception { out("schema", name, c.asJsonSchema(s)); }
  public static void main(String[] a) throws Exception {
    c.configure(Map.of("schemas.enable", "true"), false);
    SchemaFactory f = SchemaFactory.get();
    SchemaNameAdjuster n = SchemaNameAdjuster.NO_OP;
    schema("snapshot", f.snapshotRecordSchema());
    schema("source", f.sourceInfoSchemaBuilder().name("s").build());
    schema("transaction", f.transactionBlockSchema());
    schema("transactionKey", f.transactionKeySchema(n)); schema("transactionValue", f.transactionValueSchema(n));
    schema("heartbeatKey", f.heartbeatKeySchema(n)); schema("heartbeatValue", f.heartbeatValueSchema(n));
    schema("notificationKey", f.notificationKeySchema(n)); schema("notificationValue", f.notificationValueSchema(n));
    Schema v = SchemaBuilder.struct().name("p.s.t.Value").field("id", Schema.INT32_SCHEMA).optional().build();
    schema("envelope", Envelope.defineSchema().withName("p.s.t.Envelope").withRecord(v).withSource(f.sourceInfoSchemaBuilder().name("s").build()).withTransaction(f.transactionBlockSchema()).build().schema());
    schema("Bits", Bits.builder(3).build());
    schema("Enum", io.debezium.data.Enum.builder("a,b").build()); schema("EnumSet", io.debezium.data.EnumSet.builder("a,b").build());
    schema("Json", Json.builder().build()); schema("Xml", Xml.builder().build()); schema("Uuid", Uuid.builder().build()); schema("Tsvector", TsVector.builder().build());
    schema("VariableScaleDecimal", VariableScaleDecimal.builder().build());
    schema("DoubleVector", DoubleVector.builder().build()); schema("FloatVector", FloatVector.builder().build()); schema("SparseDoubleVector", SparseDoubleVector.builder().build());
    schema("Point", Point.builder().build()); schema("Geometry", Geometry.builder().build()); schema("Geography", Geography.builder().build());
    schema("Date", io.debezium.time.Date.builder().build()); schema("Time", io.debezium.time.Time.builder().build()); schema("MicroTime", MicroTime.builder().build()); schema("NanoTime", NanoTime.builder().build());
    schema("Timestamp", io.debezium.time.Timestamp.builder().build()); schema("MicroTimestamp", MicroTimestamp.builder().build()); schema("NanoTimestamp", NanoTimestamp.builder().build());
    schema("ZonedTime", ZonedTime.builder().build()); schema("ZonedTimestamp", ZonedTimestamp.builder().build());
    schema("IsoDate", IsoDate.builder().build()); schema("IsoTime", IsoTime.builder().build()); schema("IsoTimestamp", IsoTimestamp.builder().build());
    schema("MicroDuration", MicroDuration.builder().build()); schema("NanoDuration", NanoDuration.builder().build()); schema("Interval", Interval.builder().build()); schema("Year", Year.builder().build());
    for (String name : List.of("1-a.b", "a_b", "ä.ö", "中.b", "9", "", "_1", "a b-c", "😀x")) {
      out("avro", name, SchemaNameAdjuster.AVRO.adjust(name)); out("avro_unicode", name, SchemaNameAdjuster.AVRO_UNICODE.adjust(name));
      out("avro_field", name, SchemaNameAdjuster.AVRO_FIELD_NAMER.adjust(name)); out("avro_unicode_field", name, SchemaNameAdjuster.AVRO_UNICODE_FIELD_NAMER.adjust(name));
    }
    Properties p = new Properties(); p.put("topic.prefix", "p"); p.put("topic.regex", "(.*)\\.or.*?(\\d+)"); p.put("topic.replacement", "$1.orders"); p.put("topic.key.field.regex", ".*?(\\d+)"); p.put("topic.key.field.replacement", "shard$1");
    for (TableId t : List.of(new TableId("db", "s", "t"), new TableId("d b", "sä", "or ders_1"), new TableId(null, "s", "x".repeat(300)), new TableId("db", null, "t_1"))) {
      String id = t.catalog() + "|" + t.schema() + "|" + t.table();
      out("SchemaTopicNamingStrategy", id, new SchemaTopicNamingStrategy(p).dataChangeTopic(t));
      out("SchemaUnicodeTopicNamingStrategy", id, new SchemaUnicodeTopicNamingStrategy(p).dataChangeTopic(t));
      out("SchemaRegexTopicNamingStrategy", id, new SchemaRegexTopicNamingStrategy(p).dataChangeTopic(t));
      out("DefaultTopicNamingStrategy", id, new DefaultTopicNamingStrategy(p).dataChangeTopic(t));
    }
    for (String s : List.of("a.b.c", "a.b", "a", " a . \"b.\"\"c\" ", "`x y`", "a b", "a..b", "'q''r'.z", "a\"b.c")) {
      String r; try { TableId t = TableId.parse(s); r = t.catalog() + "|" + t.schema() + "|" + t.table(); } catch (Exception e) { r = "error"; }
      out("tableId", s, r);
    }
    for (String s : List.of("a, b\\,c ,\\d{1\\,2},,", "x", " y , z ")) out("split", s, io.debezium.util.Strings.RegExSplitter.split(s));
    Column col = Column.editor().name("c").jdbcType(java.sql.Types.VARCHAR).type("VARCHAR").length(255).create();
    for (String s : List.of("secret", "", "aä\0€", "😀", "y".repeat(70000))) for (String alg : List.of("SHA-256", "MD5", "SHA-512", "SHA3-256", "SHA-1")) {
      for (MaskStrings.HashingByteArrayStrategy st : MaskStrings.HashingByteArrayStrategy.values())
        out("hash", st + " " + alg + " " + (s.length() > 100 ? "long" : s), new MaskStrings("salt".getBytes(), alg, st).create(col).convert(s));
    }
  }
}
