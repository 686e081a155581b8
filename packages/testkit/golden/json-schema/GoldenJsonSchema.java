// Answers questions about JSON schemas with the reference's own classes: java GoldenJsonSchema FILE, which is written anew.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.confluent.kafka.schemaregistry.json.JsonSchema;
import io.confluent.kafka.schemaregistry.json.diff.SchemaDiff;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

public class GoldenJsonSchema {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    List<String> answers = new ArrayList<>();
    for (String line : Files.readAllLines(file)) answers.add(MAPPER.writeValueAsString(answer((ObjectNode) MAPPER.readTree(line))));
    Files.write(file, answers);
  }

  private static ObjectNode answer(ObjectNode question) {
    try {
      JsonSchema writer = schema(question, "writer");
      JsonSchema reader = schema(question, "reader");
      writer.validate(false);
      reader.validate(false);
      ArrayNode found = question.putArray("found");
      SchemaDiff.compare(SchemaDiff.COMPATIBLE_CHANGES_STRICT, writer.rawSchema(), reader.rawSchema()).stream()
          .filter(one -> !SchemaDiff.COMPATIBLE_CHANGES_STRICT.contains(one.getType()))
          .map(one -> one.getType() + " " + one.getJsonPath()).sorted().forEach(found::add);
      question.put("text", reader.canonicalString());
      question.put("normal", reader.normalize().canonicalString());
    } catch (Throwable error) {
      question.put("error", error.getClass().getSimpleName());
    }
    return question;
  }

  private static JsonSchema schema(ObjectNode question, String name) {
    JsonNode referred = question.get("referred");
    Map<String, String> texts = referred == null ? Map.of()
        : MAPPER.convertValue(referred, new com.fasterxml.jackson.core.type.TypeReference<Map<String, String>>() {});
    return new JsonSchema(question.get(name).asText(), List.of(), texts, null);
  }
}
