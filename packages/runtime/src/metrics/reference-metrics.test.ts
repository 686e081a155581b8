// Every metric of the reference's Connect (ConnectMetricsRegistry of Apache Kafka, with those of KIP-1152 in 4.1) is at /metrics, in
// every state of a task. The names are facts of the reference, written down here, not taken from our table.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '@millrace/broker'
import { Producer } from '@millrace/kafka'
import { until } from '@millrace/testkit'
import { TestCluster } from '../testing/test-cluster.ts'
import { atEnd, temporaryFolder } from '../testing/test-worker.ts'

const words = (text: string) => text.trim().split(/\s+/)
const starts = (what: string) =>
  ['attempts-total', 'success-total', 'success-percentage', 'failure-total', 'failure-percentage'].map(
    (name) => `${what}-startup-${name}`,
  )
const about = (what: string) => [`${what}-class`, `${what}-version`]

const WORKER = {
  'connect-worker-metrics': ['connector-count', 'task-count', ...starts('connector'), ...starts('task')],
  'connect-worker-rebalance-metrics': words(`connect-protocol leader-name epoch completed-rebalances-total rebalancing
    rebalance-max-time-ms rebalance-avg-time-ms time-since-last-rebalance-ms`),
  // Read from the beans of a running worker of Apache Kafka 4.3.1, as the next two groups.
  'connect-coordinator-metrics':
    words(`assigned-connectors assigned-tasks failed-rebalance-rate-per-hour failed-rebalance-total heartbeat-rate
    heartbeat-response-time-max heartbeat-total join-rate join-time-avg join-time-max join-total
    last-heartbeat-seconds-ago last-rebalance-seconds-ago rebalance-latency-avg rebalance-latency-max
    rebalance-latency-total rebalance-rate-per-hour rebalance-total sync-rate sync-time-avg sync-time-max
    sync-total`),
  'connect-metrics': words(`connection-close-rate connection-close-total connection-count connection-creation-rate
    connection-creation-total failed-authentication-rate failed-authentication-total
    failed-reauthentication-rate failed-reauthentication-total incoming-byte-rate incoming-byte-total
    io-ratio io-time-ns-avg io-time-ns-total io-wait-ratio io-wait-time-ns-avg io-wait-time-ns-total
    network-io-rate network-io-total outgoing-byte-rate outgoing-byte-total reauthentication-latency-avg
    reauthentication-latency-max request-rate request-size-avg request-size-max request-total response-rate
    response-total select-rate select-total successful-authentication-no-reauth-total
    successful-authentication-rate successful-authentication-total successful-reauthentication-rate
    successful-reauthentication-total`),
  'connect-node-metrics':
    words(`incoming-byte-rate incoming-byte-total outgoing-byte-rate outgoing-byte-total request-latency-avg
    request-latency-max request-rate request-size-avg request-size-max request-total response-rate
    response-total`),
  'app-info': ['version', 'commit-id', 'start-time-ms'],
}
const CONNECTOR = {
  'connector-metrics': ['status', 'connector-type', 'connector-class', 'connector-version'],
  'connect-worker-metrics': ['total', 'running', 'paused', 'failed', 'unassigned', 'destroyed', 'restarting'].map(
    (state) => `connector-${state}-task-count`,
  ),
}
const TASK = {
  'connector-task-metrics': [
    ...words(`status running-ratio pause-ratio offset-commit-max-time-ms offset-commit-avg-time-ms batch-size-max
      batch-size-avg offset-commit-failure-percentage offset-commit-success-percentage connector-type`),
    ...['connector', 'task', 'key-converter', 'value-converter', 'header-converter'].flatMap(about),
  ],
  'task-error-metrics': words(`total-record-failures total-record-errors total-records-skipped total-retries
    total-errors-logged deadletterqueue-produce-requests deadletterqueue-produce-failures last-error-timestamp`),
}
const SOURCE = {
  ...TASK,
  'source-task-metrics': words(`source-record-poll-rate source-record-poll-total source-record-write-rate
    source-record-write-total poll-batch-max-time-ms poll-batch-avg-time-ms source-record-active-count
    source-record-active-count-max source-record-active-count-avg transaction-size-min transaction-size-max
    transaction-size-avg`),
}
const SINK = {
  ...TASK,
  'sink-task-metrics': words(`sink-record-read-rate sink-record-read-total sink-record-send-rate sink-record-send-total
    sink-record-lag-max partition-count offset-commit-seq-no offset-commit-completion-rate
    offset-commit-completion-total offset-commit-skip-rate offset-commit-skip-total put-batch-max-time-ms
    put-batch-avg-time-ms sink-record-active-count sink-record-active-count-max sink-record-active-count-avg`),
}

const nameOf = (group: string, name: string) => `kafka_connect_${group}_${name}`.replaceAll('-', '_')

/** Names of a list that have no series with these labels. */
function missing(text: string, list: Readonly<Record<string, readonly string[]>>, labels: string): string[] {
  const lines = text.split('\n')
  return Object.entries(list).flatMap(([group, names]) =>
    names
      .map((name) => nameOf(group, name))
      .filter(
        (name) => !lines.some((line) => new RegExp(`^${name}(\\{[^}]*\\})? `).test(line) && line.includes(labels)),
      ),
  )
}

test('every metric of the reference has its series, for tasks that run, are paused, failed, and never began', async (t) => {
  const folder = temporaryFolder(t)
  const broker = await startBroker({ dataDir: `${folder}/broker`, port: 0, host: '127.0.0.1' })
  atEnd(t, () => broker.close())
  const producer = Producer.create({ 'bootstrap.servers': broker.bootstrap })
  for (const value of ['1', '2', '3']) await producer.send({ topic: 'read', partition: 0, value })
  await producer.close()
  const cluster = new TestCluster(t, broker.bootstrap)
  const { call, worker } = await cluster.start()
  const secret = 'never-to-be-seen'
  const source = { 'connector.class': 'FaultySource', topic: 'a', 'consumer.override.sasl.jaas.config': secret }
  const sink = { 'connector.class': 'FaultySink', topics: 'read', 'consumer.override.auto.offset.reset': 'earliest' }
  const all = {
    in: [source, 'RUNNING'],
    paused: [source, 'PAUSED'],
    broken: [{ ...source, 'fault.at': 'task.poll', 'fault.kind': 'throw' }, 'FAILED'],
    never: [{ ...source, 'fault.at': 'task.start', 'fault.kind': 'throw' }, 'FAILED'],
    out: [sink, 'RUNNING'],
    refused: [{ ...sink, 'fault.at': 'task.put', 'fault.kind': 'throw' }, 'FAILED'],
    unmade: [{ ...sink, 'errors.deadletterqueue.topic.name': 'no topic', 'errors.tolerance': 'all' }, 'FAILED'],
  } as const
  for (const [name, [config]] of Object.entries(all)) {
    const { status, body } = await call('PUT', `/connectors/${name}/config`, config)
    assert.equal(status, 201, JSON.stringify(body))
  }
  await call('PUT', '/connectors/paused/pause')
  for (const [name, [, state]] of Object.entries(all)) {
    await until(`${name} is ${state}`, async () => {
      const { body } = await call('GET', `/connectors/${name}/status`)
      return (body as { tasks?: { state: string }[] }).tasks?.[0]?.state === state
    })
  }
  const metrics = async () => await (await fetch(`${worker.restUrl}/metrics`)).text()
  const lag = 'kafka_connect_sink_task_metrics_partition_lag{connector="out",task="0",topic="read",partition="0"} 0'
  await until('the sink has read to the end', async () => (await metrics()).includes(lag))
  const text = await metrics()
  assert.deepEqual(missing(text, WORKER, ''), [])
  for (const [name, [config, state]] of Object.entries(all)) {
    assert.deepEqual(missing(text, CONNECTOR, `connector="${name}"`), [], name)
    const list = config['connector.class'] === 'FaultySink' ? SINK : SOURCE
    assert.deepEqual(missing(text, list, `connector="${name}",task="0"`), [], name)
    const status = `kafka_connect_connector_task_metrics_status{connector="${name}",task="0",status="${state.toLowerCase()}"} 1`
    assert.ok(text.includes(status), status)
  }
  for (const line of [
    'kafka_connect_connect_worker_metrics_connector_count 7',
    'kafka_connect_connect_worker_metrics_task_count 7',
    'kafka_connect_connect_coordinator_metrics_assigned_tasks{client_id="',
    'kafka_connect_connect_worker_rebalance_metrics_connect_protocol{connect_protocol="SESSIONED"} 1',
    `kafka_connect_connect_worker_rebalance_metrics_leader_name{leader_name="${worker.restUrl}/"} 1`,
    'kafka_connect_connect_worker_rebalance_metrics_rebalancing 0',
    'kafka_consumer_consumer_fetch_manager_metrics_records_lag{client_id="connector-consumer-out-0",topic="read",partition="0"} 0',
    'kafka_producer_producer_metrics_record_send_total{client_id="connector-producer-in-0"} ',
    'kafka_producer_producer_metrics_request_latency_avg{client_id="connector-producer-in-0"} ',
    'kafka_producer_producer_metrics_record_send_rate{client_id="connector-producer-in-0"} ',
    'kafka_consumer_consumer_fetch_manager_metrics_records_consumed_rate{client_id="connector-consumer-out-0"} ',
    'kafka_consumer_consumer_coordinator_metrics_assigned_partitions{client_id="connector-consumer-out-0"} 1',
  ])
    assert.ok(text.includes(line), line)
  assert.ok(!text.includes(secret))
})
