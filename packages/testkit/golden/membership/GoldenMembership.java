// Answers questions about the `connect` group protocol with Apache Kafka Connect's own classes.
//   java GoldenMembership protocol               prints protocol.jsonl: messages as fields and as bytes
//   java GoldenMembership histories < questions  prints a line for each history: its seed and the digest of all answers
//   java GoldenMembership answers < questions    prints every answer, to find the first that differs
package org.apache.kafka.connect.runtime.distributed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.*;
import org.apache.kafka.clients.GroupRebalanceConfig;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.runtime.TargetState;
import org.apache.kafka.connect.storage.ClusterConfigState;
import org.apache.kafka.connect.storage.ConfigBackingStore;
import org.apache.kafka.connect.util.ConnectorTaskId;

public class GoldenMembership {
    static final ObjectMapper JSON = new ObjectMapper();
    static long now;

    public static void main(String[] args) throws Exception {
        if (args[0].equals("protocol")) {
            protocol();
            return;
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) history(JSON.readTree(line), args[0].equals("answers"));
    }

    // ---- histories

    static class Leader extends WorkerCoordinator {
        int generation;
        int lastCompleted;
        ClusterConfigState snapshot;
        ClusterConfigState fresh;

        Leader() {
            super(new GroupRebalanceConfig(10000, 60000, 3000, "g", Optional.empty(), null, 100, 1000), new LogContext(), null,
                new Metrics(), "connect", Time.SYSTEM, "http://leader/",
                fake(ConfigBackingStore.class), fake(WorkerRebalanceListener.class), ConnectProtocolCompatibility.SESSIONED, 0);
        }
        @Override public int generationId() { return generation; }
        @Override public int lastCompletedGenerationId() { return lastCompleted; }
        @Override public ClusterConfigState configSnapshot() { return snapshot; }
        @Override public void configSnapshot(ClusterConfigState update) { snapshot = update; }
        @Override public ClusterConfigState configFreshSnapshot() { return fresh; }
        @Override public String memberId() { return "leader"; }
    }

    @SuppressWarnings("unchecked")
    static <T> T fake(Class<T> type) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> null);
    }

    static final Leader LEADER = new Leader();

    static final Time CLOCK = (Time) Proxy.newProxyInstance(Time.class.getClassLoader(), new Class<?>[] {Time.class},
        (self, method, arguments) -> method.getName().equals("milliseconds") ? now : null);

    static void history(JsonNode history, boolean verbose) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        int maxDelay = history.get("maxDelayMs").asInt();
        IncrementalCooperativeAssignor cooperative = null;
        EagerAssignor eager = new EagerAssignor(new LogContext());
        int number = 0;
        for (JsonNode round : history.get("rounds")) {
            now = round.get("now").asLong();
            if (cooperative == null || round.get("forget").asBoolean()) {
                cooperative = new IncrementalCooperativeAssignor(new LogContext(), CLOCK, maxDelay);
            }
            LEADER.generation = round.get("generation").asInt();
            LEADER.lastCompleted = round.get("lastCompletedGeneration").asInt();
            LEADER.snapshot = config(round.get("config"));
            LEADER.fresh = config(round.get("freshConfig"));
            ConnectProtocolCompatibility protocol = ConnectProtocolCompatibility.fromProtocol(round.get("protocol").asText());
            List<JoinGroupResponseMember> members = new ArrayList<>();
            for (JsonNode member : round.get("members")) {
                byte[] metadata = Base64.getDecoder().decode(member.get(1).asText());
                digest.update(again(metadata, protocol));
                members.add(new JoinGroupResponseMember().setMemberId(member.get(0).asText()).setMetadata(metadata));
            }
            ConnectAssignor assignor = protocol == ConnectProtocolCompatibility.EAGER ? eager : cooperative;
            Map<String, ByteBuffer> answers =
                assignor.performAssignment(round.get("leader").asText(), protocol, members, LEADER);
            for (JoinGroupResponseMember member : members) {
                byte[] answer = bytes(answers.get(member.memberId()));
                digest.update(answer);
                if (verbose) {
                    System.out.println(history.get("seed") + " " + number + " " + member.memberId() + " "
                        + HexFormat.of().formatHex(answer));
                }
            }
            number++;
        }
        if (!verbose) {
            System.out.println(history.get("seed") + " " + HexFormat.of().formatHex(digest.digest(), 0, 8));
        }
    }

    /** Metadata read and written again: what the reference would have written for the same state. */
    static byte[] again(byte[] metadata, ConnectProtocolCompatibility protocol) {
        if (protocol == ConnectProtocolCompatibility.EAGER) {
            return bytes(ConnectProtocol.serializeMetadata(ConnectProtocol.deserializeMetadata(ByteBuffer.wrap(metadata))));
        }
        ExtendedWorkerState state = IncrementalCooperativeConnectProtocol.deserializeMetadata(ByteBuffer.wrap(metadata));
        return bytes(IncrementalCooperativeConnectProtocol.serializeMetadata(
            state, protocol == ConnectProtocolCompatibility.SESSIONED));
    }

    static ClusterConfigState config(JsonNode config) {
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Map<String, String>> configs = new HashMap<>();
        Map<ConnectorTaskId, Map<String, String>> tasks = new HashMap<>();
        config.get("connectors").fields().forEachRemaining(entry -> {
            counts.put(entry.getKey(), entry.getValue().asInt());
            configs.put(entry.getKey(), Map.of());
            for (int task = 0; task < entry.getValue().asInt(); task++) {
                tasks.put(new ConnectorTaskId(entry.getKey(), task), Map.of());
            }
        });
        return new ClusterConfigState(config.get("offset").asLong(), null, counts, configs, new HashMap<String, TargetState>(),
            tasks, new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashSet<>(), new HashSet<>());
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    // ---- messages

    static void protocol() throws Exception {
        List<ConnectorTaskId> tasks = List.of(new ConnectorTaskId("b", 0), new ConnectorTaskId("a", 10), new ConnectorTaskId("a", 2));
        List<ConnectorTaskId> other = List.of(new ConnectorTaskId("gone", 3), new ConnectorTaskId("ünï-1", 0));
        List<ExtendedAssignment> assignments = new ArrayList<>();
        for (short version = 0; version <= 2; version++) {
            assignments.add(assignment(version, 0, 7, List.of(), List.of(), List.of(), List.of(), 0));
            assignments.add(assignment(version, 1, -1, List.of(), List.of(), List.of(), List.of(), 0));
            assignments.add(assignment(version, 0, 1L << 40, List.of("a", "c"), tasks, List.of(), List.of(), 0));
            if (version > 0) {
                assignments.add(assignment(version, 0, 7, List.of("BB", "Aa", "x"), tasks, List.of("gone"), other, 300000));
                assignments.add(assignment(version, 0, 7, List.of(), List.of(), List.of("ünï-1"), List.of(), 1));
            }
        }
        for (ExtendedAssignment one : assignments) {
            boolean sessioned = one.version() == 2;
            print("assignment", one.version(), null, 0, one, one.version() == 0 ? ConnectProtocol.serializeAssignment(one)
                : IncrementalCooperativeConnectProtocol.serializeAssignment(one, sessioned));
            ExtendedWorkerState state = new ExtendedWorkerState("https://wörker:8443/path/", one.offset(), one);
            print("metadata", one.version(), state.url(), state.offset(), one.version() == 0 ? null : one,
                one.version() == 0 ? ConnectProtocol.serializeMetadata(state)
                    : IncrementalCooperativeConnectProtocol.serializeMetadata(state, sessioned));
        }
        for (short version = 0; version <= 2; version++) {
            ExtendedWorkerState state = new ExtendedWorkerState("http://127.0.0.1:8083/", 0, null);
            print("metadata", version, state.url(), 0, null, version == 0 ? ConnectProtocol.serializeMetadata(state)
                : IncrementalCooperativeConnectProtocol.serializeMetadata(state, version == 2));
        }
    }

    static ExtendedAssignment assignment(short version, int error, long offset, List<String> connectors,
            List<ConnectorTaskId> tasks, List<String> revoked, List<ConnectorTaskId> revokedTasks, int delay) {
        return new ExtendedAssignment(version, (short) error, "leader-1", "http://leader:8083/", offset, connectors, tasks,
            revoked, revokedTasks, delay);
    }

    static void print(String kind, short version, String url, long offset, ExtendedAssignment one, ByteBuffer bytes) throws Exception {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("kind", kind);
        line.put("version", version);
        if (kind.equals("metadata")) {
            line.put("url", url);
            line.put("configOffset", offset);
        }
        Map<String, Object> fields = null;
        if (one != null) {
            fields = new LinkedHashMap<>();
            fields.put("version", version);
            fields.put("error", one.error());
            fields.put("leader", one.leader());
            fields.put("leaderUrl", one.leaderUrl());
            fields.put("configOffset", one.offset());
            fields.put("assigned", Map.of("connectors", one.connectors(), "tasks", one.tasks()));
            fields.put("revoked", Map.of("connectors", one.revokedConnectors(), "tasks", one.revokedTasks()));
            fields.put("delayMs", one.delay());
        }
        line.put("assignment", fields);
        line.put("hex", HexFormat.of().formatHex(bytes(bytes)));
        System.out.println(JSON.writeValueAsString(line));
    }
}
