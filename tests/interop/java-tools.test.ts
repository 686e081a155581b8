// Apache Kafka's own tools (the Java clients) against the embedded broker: topics, performance, groups, transactions, configs.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runKafkaTool, startEmbeddedBroker, temporaryFolder, whyNoKafka } from '@millrace/testkit'

// The tools need the jars; a running Kafka does not help here.
const why = process.env.KAFKA_BOOTSTRAP === undefined ? whyNoKafka() : undefined
const options = why === undefined ? {} : { skip: why }

test('the Java tools work with topics, records, groups, configurations and transactions', options, async () => {
  await using broker = await startEmbeddedBroker({ inProcess: true })
  const server = ['--bootstrap-server', broker.bootstrap]
  const tool = (name: string, ...args: readonly string[]) =>
    runKafkaTool(`org.apache.kafka.tools.${name}`, ...server, ...args)
  const groups = (...args: readonly string[]) => tool('consumer.group.ConsumerGroupCommand', ...args)

  await tool('TopicCommand', '--create', '--topic', 'a', '--partitions', '2', '--config', 'retention.ms=1000000')
  const described = await tool('TopicCommand', '--describe', '--topic', 'a')
  assert.match(described, /PartitionCount: 2\tReplicationFactor: 1\tConfigs: retention\.ms=1000000/)
  await tool('TopicCommand', '--alter', '--topic', 'a', '--partitions', '3')
  assert.equal((await tool('TopicCommand', '--list')).trim(), 'a')

  const produced = await runKafkaTool(
    'org.apache.kafka.tools.ProducerPerformance',
    ...['--topic', 'a', '--num-records', '20000', '--record-size', '100', '--throughput', '-1'],
    ...['--producer-props', `bootstrap.servers=${broker.bootstrap}`, 'acks=all', 'compression.type=lz4'],
  )
  assert.match(produced, /20000 records sent/)
  const consume = ['--messages', '20000', '--topic', 'a', '--group', 'g', '--timeout', '20000', '--hide-header']
  assert.match(await tool('ConsumerPerformance', ...consume), /, 20000, /)
  assert.match(await tool('GetOffsetShell', '--topic', 'a'), /a:0:\d+\na:1:\d+\na:2:\d+/)
  assert.match(await tool('GetOffsetShell', '--topic', 'a', '--time', 'earliest'), /a:0:0\na:1:0\na:2:0/)
  assert.match(await tool('GetOffsetShell', '--topic', 'a', '--time', '1000000000000'), /a:0:0/)

  assert.match(await groups('--list', '--state'), /g +Empty/)
  const lag = (await groups('--describe', '--group', 'g')).split('\n').filter((line) => line.startsWith('g '))
  assert.deepEqual(
    lag.map((line) => line.split(/ +/)[5]),
    ['0', '0', '0'],
  )
  const reset = ['--reset-offsets', '--group', 'g', '--topic', 'a', '--to-earliest', '--execute']
  assert.match(await groups(...reset), /g +a +0 +0/)
  assert.match(await groups('--delete', '--group', 'g'), /successful/)

  const config = (...args: readonly string[]) => runKafkaTool('kafka.admin.ConfigCommand', ...server, ...args)
  const topicA = ['--entity-type', 'topics', '--entity-name', 'a']
  await config('--alter', ...topicA, '--add-config', 'cleanup.policy=[compact,delete],max.message.bytes=5000')
  await config('--alter', ...topicA, '--delete-config', 'retention.ms')
  const now = await config('--describe', ...topicA)
  assert.match(now, /cleanup\.policy=compact,delete/)
  assert.doesNotMatch(now, /retention\.ms=1000000/)

  const folder = await temporaryFolder('millrace-tools-')
  const wanted = join(folder.path, 'delete.json')
  writeFileSync(wanted, '{"version":1,"partitions":[{"topic":"a","partition":0,"offset":10}]}')
  assert.match(await tool('DeleteRecordsCommand', '--offset-json-file', wanted), /low_watermark: 10/)
  await folder[Symbol.asyncDispose]()

  const transactional = await runKafkaTool(
    'org.apache.kafka.tools.ProducerPerformance',
    ...['--topic', 'tx', '--num-records', '5000', '--record-size', '100', '--throughput', '-1'],
    ...['--transactional-id', 'perf', '--transaction-duration-ms', '50'],
    ...['--producer-props', `bootstrap.servers=${broker.bootstrap}`],
  )
  assert.match(transactional, /5000 records sent/)
  assert.match(await tool('TransactionsCommand', 'list'), /perf\s+1\s+\d+\s+CompleteCommit/)
  assert.match(await tool('TransactionsCommand', 'describe', '--transactional-id', 'perf'), /CompleteCommit\s+60000/)
  const producers = await tool('TransactionsCommand', 'describe-producers', '--topic', 'tx', '--partition', '0')
  assert.match(producers, /4999\s+\d+\s+None/)
  const committed = ['--messages', '5000', '--topic', 'tx', '--group', 'h', '--timeout', '20000', '--hide-header']
  assert.match(await tool('ConsumerPerformance', ...committed), /, 5000, /)

  assert.match(await tool('LogDirsCommand', '--describe'), /"partition":"tx-0"/)
  assert.match(await tool('BrokerApiVersionsCommand'), /Fetch\(1\): 4 to 17/)
  await tool('TopicCommand', '--delete', '--topic', 'a')
  assert.doesNotMatch(await tool('TopicCommand', '--list'), /^a$/m)
})
