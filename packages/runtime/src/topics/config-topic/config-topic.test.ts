import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ConfigException, ConnectException, silentLogger } from '@millrace/api'
import { Admin } from '@millrace/kafka'
import { type BrokerService, onEveryBroker } from '@millrace/testkit'
import type { ConfigUpdateListener } from './config-reader.ts'
import type { ConfigBackingStore } from './config-topic-store.ts'
import { openConfigTopic } from './open-config-topic.ts'
import { PrivilegedWriteException } from './privileged-writer.ts'

const CONFIG = { 'connector.class': 'X', name: 'c' }

/** Notes what it hears as lines; waits for one of them. */
class Notes implements ConfigUpdateListener {
  readonly lines: string[] = []
  #wanted: { readonly line: string; readonly found: () => void } | undefined

  onConnectorConfigUpdate = (connector: string) => this.#note(`config ${connector}`)
  onConnectorConfigRemove = (connector: string) => this.#note(`removed ${connector}`)
  onTaskConfigUpdate: ConfigUpdateListener['onTaskConfigUpdate'] = (tasks, connector) =>
    this.#note(`tasks ${connector} ${tasks.map((id) => id.task).join(',')}`)
  onConnectorTargetStateChange = (connector: string) => this.#note(`state ${connector}`)
  onSessionKeyUpdate = () => this.#note('session key')
  onRestartRequest: ConfigUpdateListener['onRestartRequest'] = (one) =>
    this.#note(`restart ${one.connector} ${one.includeTasks} ${one.onlyFailed}`)
  onLoggingLevelUpdate = (namespace: string, level: string) => this.#note(`level ${namespace} ${level}`)

  heard(line: string): Promise<void> {
    if (this.lines.includes(line)) return Promise.resolve()
    return new Promise((found) => {
      this.#wanted = { line, found }
    })
  }
  #note(line: string): void {
    this.lines.push(line)
    if (this.#wanted?.line === line) this.#wanted.found()
  }
}

onEveryBroker('The config topic', {}, (broker) => {
  test('gives every worker the same configuration, in the order of the topic', async () => {
    await using one = await worker(broker())
    await using two = await worker(broker(), { like: one })
    const { store } = one
    await store.putConnectorConfig('c', CONFIG, 'PAUSED')
    await store.putTaskConfigs('c', [{ a: '1' }, { a: '2' }])
    await store.putTaskCountRecord('c', 2)
    const key = { key: randomBytes(32), algorithm: 'HmacSHA256', creationTimestamp: Date.now() }
    await store.putSessionKey(key)
    await store.putRestartRequest({ connector: 'c', includeTasks: true, onlyFailed: false })
    await store.putTargetState('c', 'STOPPED')
    await store.putLoggerLevel('a.b', 'DEBUG')
    await two.notes.heard('level a.b DEBUG')
    for (const each of [one, two]) {
      await each.store.refresh(10_000)
      const state = each.store.snapshot()
      assert.deepEqual(state.connectors(), ['c'])
      assert.deepEqual(state.connectorConfig('c'), CONFIG)
      assert.equal(state.targetState('c'), 'STOPPED')
      assert.deepEqual(
        state.tasks('c'),
        [0, 1].map((task) => ({ connector: 'c', task })),
      )
      assert.deepEqual(state.taskConfig({ connector: 'c', task: 1 }), { a: '2' })
      assert.equal(state.taskConfigGeneration('c'), 0)
      assert.deepEqual(state.appliedConfig('c'), CONFIG)
      assert.equal(state.taskCountRecord('c'), 2)
      assert.equal(state.pendingFencing('c'), false)
      assert.deepEqual(state.sessionKey, key)
      const heard = ['config c', 'tasks c 0,1', 'session key', 'restart c true false', 'state c', 'level a.b DEBUG']
      assert.deepEqual(each.notes.lines, heard)
    }
    assert.equal(two.store.snapshot().offset, store.snapshot().offset)
    assert.equal(store.snapshot(), store.snapshot())
  })

  test('is read whole by a worker that starts later, which is told of nothing that was', async () => {
    await using one = await worker(broker())
    await one.store.putConnectorConfig('c', CONFIG)
    await one.store.putConnectorConfig('d', CONFIG)
    await one.store.putTaskConfigs('d', [])
    await one.store.removeConnectorConfig('d')
    await using two = await worker(broker(), { like: one })
    const state = two.store.snapshot()
    assert.deepEqual(state.connectors(), ['c'])
    assert.equal(state.targetState('c'), 'STARTED')
    assert.equal(state.targetState('d'), undefined)
    assert.equal(state.taskCount('d'), 0)
    assert.equal(state.offset, one.store.snapshot().offset)
    assert.deepEqual(two.notes.lines, [])
  })

  test('lets only the last claimer write where exactly-once is enabled', async () => {
    const settings = { 'exactly.once.source.support': 'enabled' }
    await using one = await worker(broker(), { settings })
    await using two = await worker(broker(), { settings, like: one })
    await assert.rejects(one.store.putConnectorConfig('c', CONFIG), /without claiming write privileges first/)
    await one.store.claimWritePrivileges()
    await one.store.putConnectorConfig('c', CONFIG, 'STARTED')
    await two.store.claimWritePrivileges()
    await two.store.putTaskConfigs('c', [{ a: '1' }])
    await assert.rejects(one.store.putConnectorConfig('lost', CONFIG), PrivilegedWriteException)
    await two.store.refresh(10_000)
    assert.deepEqual(two.store.snapshot().connectors(), ['c'])
    assert.deepEqual(two.store.snapshot().tasks('c'), [{ connector: 'c', task: 0 }])
    await one.store.claimWritePrivileges()
    await one.store.putTaskCountRecord('c', 1)
    assert.equal(one.store.snapshot().taskCountRecord('c'), 1)
  })

  test('refuses a topic that deletes, and one with several partitions', async () => {
    await using admin = Admin.create({ 'bootstrap.servers': broker().address })
    const name = fresh()
    const outcomes = await admin.createTopics([
      { name: `${name}-configs`, numPartitions: 1, replicationFactor: 1, configs: { 'cleanup.policy': 'delete' } },
      { name: `${name}2-configs`, numPartitions: 2, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } },
    ])
    assert.deepEqual(
      outcomes.map((one) => one.error),
      [null, null],
    )
    await assert.rejects(worker(broker(), { name }), (error) => {
      assert.ok(error instanceof ConfigException)
      assert.match(
        error.message,
        /^Topic '.*-configs' supplied via the 'config\.storage\.topic' property is required to have 'cleanup\.policy=compact' to guarantee .*currently has 'cleanup\.policy=delete'/,
      )
      return true
    })
    await assert.rejects(worker(broker(), { name: `${name}2` }), (error) => {
      assert.ok(error instanceof ConfigException)
      assert.match(error.message, /is required to have a single partition .* but found 2 partitions\.$/)
      return true
    })
  })

  test('creates the topic with the settings asked for', async () => {
    const settings = { 'config.storage.segment.bytes': '1048576', 'config.storage.partitions': '7' }
    await using one = await worker(broker(), { settings })
    await using admin = Admin.create({ 'bootstrap.servers': broker().address })
    const [described] = await admin.describeConfigs([{ type: 'topic', name: `${one.name}-configs` }])
    const value = (key: string) => described?.entries.find((entry) => entry.name === key)?.value
    assert.equal(value('cleanup.policy'), 'compact')
    assert.equal(value('segment.bytes'), '1048576')
    const [topic] = await admin.describeTopics([`${one.name}-configs`])
    assert.equal(topic?.partitions.length, 1)
  })

  test('tells a write that took too long from one that was refused', async () => {
    await using one = await worker(broker())
    await one.store.stop()
    await assert.rejects(one.store.refresh(1_000), (error) => {
      assert.ok(error instanceof ConnectException)
      assert.match(error.message, /^Error trying to read to end of config log: /)
      return true
    })
  })
})

interface TestWorker extends AsyncDisposable {
  readonly name: string
  readonly store: ConfigBackingStore
  readonly notes: Notes
}

async function worker(
  broker: BrokerService,
  options: { readonly name?: string; readonly like?: TestWorker; readonly settings?: Record<string, string> } = {},
): Promise<TestWorker> {
  const name = options.like?.name ?? options.name ?? fresh()
  const workerProps = {
    'bootstrap.servers': broker.address,
    'group.id': name,
    'config.storage.topic': `${name}-configs`,
    'config.storage.replication.factor': '1',
    ...options.settings,
  }
  const admin = Admin.create({ 'bootstrap.servers': broker.address })
  const store = openConfigTopic({ workerProps, admin, log: silentLogger })
  const notes = new Notes()
  const close = async () => {
    await store.stop()
    await admin.close()
  }
  store.setUpdateListener(notes)
  try {
    await store.start()
  } catch (error) {
    await close()
    throw error
  }
  return { name, store, notes, [Symbol.asyncDispose]: close }
}

function fresh(): string {
  return `cfg-${randomBytes(6).toString('hex')}`
}
