// A connector's life through org.sourcelab:kafka-connect-client: a line of JSON for each step, as steps.py prints them.
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.sourcelab.kafka.connect.apiclient.Configuration;
import org.sourcelab.kafka.connect.apiclient.KafkaConnectClient;
import org.sourcelab.kafka.connect.apiclient.request.dto.ConnectorPluginConfigDefinition;
import org.sourcelab.kafka.connect.apiclient.request.dto.ConnectorStatus;
import org.sourcelab.kafka.connect.apiclient.request.dto.NewConnectorDefinition;

public class SourceLabRun {
  static final String SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector";
  static final String NAME = "java-sourcelab";
  static final ObjectMapper JSON =
      new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true)
          .configure(SerializationFeature.FAIL_ON_EMPTY_BEANS, false);

  static void step(String name, Callable<?> call) throws Exception {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", name);
    try {
      line.put("result", call.call());
    } catch (Exception error) {
      line.put("error", error.getClass().getSimpleName());
      line.put("body", error.getMessage());
    }
    System.out.println(JSON.writeValueAsString(line));
  }

  static Map<String, String> config(String file, String tasks) {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("connector.class", SINK);
    config.put("tasks.max", tasks);
    config.put("topics", "connect-clients");
    config.put("file", file);
    config.put("name", NAME);
    return config;
  }

  static void until(KafkaConnectClient client, String name, String state, int tasks) throws Exception {
    for (int round = 0; round < 600; round++) {
      try {
        ConnectorStatus now = client.getConnectorStatus(NAME);
        boolean all = now.getTasks().stream().allMatch(task -> task.getState().equals(state));
        if (now.getConnector().get("state").equals(state) && now.getTasks().size() == tasks && all) {
          step(name, () -> now);
          return;
        }
      } catch (RuntimeException notYet) {
        // Asked again.
      }
      Thread.sleep(100);
    }
    System.out.println(JSON.writeValueAsString(Map.of("step", name, "never", state)));
  }

  public static void main(String[] args) throws Exception {
    KafkaConnectClient client = new KafkaConnectClient(new Configuration(args[0]));
    Map<String, String> two = config(args[1], "2");
    NewConnectorDefinition wanted = NewConnectorDefinition.newBuilder().withName(NAME).withConfig(two).build();
    step("root", client::getConnectServerVersion);
    step("plugin", () -> client.getConnectorPlugins().stream()
        .filter(one -> one.getClassName().equals(SINK)).collect(Collectors.toList()));
    step("validate", () -> client.validateConnectorPluginConfig(
        ConnectorPluginConfigDefinition.newBuilder().withName("FileStreamSink").withConfig(two).build()).getErrorCount());
    step("create", () -> client.addConnector(wanted));
    until(client, "runs", "RUNNING", 2);
    step("create again", () -> client.addConnector(wanted));
    step("list", client::getConnectors);
    step("expand status", () -> client.getConnectorsWithExpandedStatus().getAllStatuses());
    step("expand info", () -> client.getConnectorsWithExpandedInfo().getAllDefinitions());
    step("expand both", () -> client.getConnectorsWithAllExpandedMetadata().getAllStatuses());
    step("get", () -> client.getConnector(NAME));
    step("config", () -> client.getConnectorConfig(NAME));
    step("tasks", () -> client.getConnectorTasks(NAME));
    step("task status", () -> client.getConnectorTaskStatus(NAME, 1));
    step("update", () -> client.updateConnectorConfig(NAME, config(args[1], "1")));
    until(client, "has one task", "RUNNING", 1);
    step("pause", () -> client.pauseConnector(NAME));
    until(client, "paused", "PAUSED", 1);
    step("resume", () -> client.resumeConnector(NAME));
    until(client, "resumed", "RUNNING", 1);
    step("restart", () -> client.restartConnector(NAME));
    until(client, "restarted", "RUNNING", 1);
    step("restart task", () -> client.restartConnectorTask(NAME, 0));
    until(client, "task restarted", "RUNNING", 1);
    step("restart unknown task", () -> client.restartConnectorTask(NAME, 9));
    step("topics", () -> client.getConnectorTopics(NAME));
    step("reset topics", () -> client.resetConnectorTopics(NAME));
    step("unknown connector", () -> client.getConnector("nobody"));
    step("delete", () -> client.deleteConnector(NAME));
    step("delete again", () -> client.deleteConnector(NAME));
    step("list at the end", client::getConnectors);
  }
}
