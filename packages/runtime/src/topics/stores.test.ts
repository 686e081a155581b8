import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { silentLogger } from '@millrace/api'
import { Admin, Producer } from '@millrace/kafka'
import { type BrokerService, onEveryBroker, until } from '@millrace/testkit'
import { openConnectorOffsetTopic, openOffsetTopic } from './offset-topic/open-offset-topic.ts'
import { openStatusTopic } from './status-topic/open-status-topic.ts'

const STATUS = { workerId: 'w1', version: '', trace: '' }

onEveryBroker('Stores over internal topics', {}, (broker) => {
  test('statuses are seen by every worker; late good-byes and writes of old generations are not', async () => {
    await using one = await opened(broker(), openStatusTopic)
    await using two = await opened(broker(), openStatusTopic, one.group)
    one.store.generation = 3
    one.store.putConnector('c', { ...STATUS, state: 'RUNNING' })
    one.store.putTask({ connector: 'c', task: 0 }, { ...STATUS, state: 'RUNNING', version: '1.0' })
    one.store.putTopic('c', 't', 0)
    await until(
      'the active topic and the task',
      () => two.store.topics('c').length === 1 && two.store.task({ connector: 'c', task: 0 }) !== undefined,
    )
    await until('the connector status', () => two.store.connector('c') !== undefined)
    assert.deepEqual(two.store.tasks('c'), [
      {
        id: { connector: 'c', task: 0 },
        status: { ...STATUS, state: 'RUNNING', version: '1.0', generation: 3 },
      },
    ])
    two.store.generation = 2
    two.store.putConnectorSafe('c', { ...STATUS, workerId: 'w2', state: 'UNASSIGNED' })
    two.store.putTask({ connector: 'c', task: 0 }, { ...STATUS, workerId: 'w2', state: 'UNASSIGNED' })
    two.store.putTask({ connector: 'c', task: 1 }, { ...STATUS, workerId: 'w2', state: 'FAILED', trace: 'why' })
    await two.store.flush()
    await until('the failure, here', () => one.store.task({ connector: 'c', task: 1 })?.trace === 'why')
    await until('the failure, there', () => two.store.task({ connector: 'c', task: 1 })?.trace === 'why')
    assert.equal(one.store.connector('c')?.state, 'RUNNING')
    assert.equal(two.store.connector('c')?.workerId, 'w1')
    one.store.putTaskSafe({ connector: 'c', task: 0 }, { ...STATUS, state: 'UNASSIGNED' })
    const goodBye = () => two.store.task({ connector: 'c', task: 0 })?.state === 'UNASSIGNED'
    await until('the owner itself says that it stops, in the generation in which it started', goodBye)
    two.store.removeTopics('c')
    two.store.putConnector('c', { ...STATUS, state: 'DESTROYED' })
    await until('the removal', () => one.store.connector('c') === undefined && one.store.topics('c').length === 0)
    assert.deepEqual(one.store.tasks('c'), [])
    assert.deepEqual(one.store.connectors(), [])
  })

  test('offsets are found whatever the order of the partition, and every key of it is kept up', async () => {
    await using one = await opened(broker(), openOffsetTopic)
    await using producer = Producer.create({ 'bootstrap.servers': broker().address })
    const topic = `${one.group}-offset`
    await producer.send({ topic, key: '["c",{"b":2,"a":"x"}]', value: '{"at":9007199254740993}' })
    await producer.send({ topic, key: 'no key', value: '{}' })
    assert.deepEqual(await one.store.read('c', [{ a: 'x', b: 2 }, { a: 'y' }]), [{ at: 9007199254740993n }, null])
    const later = { partition: { a: 'x', b: 2 }, offset: { at: 5 } }
    await one.store.write('c', [later])
    await using two = await opened(broker(), openOffsetTopic, one.group)
    assert.deepEqual(await two.store.read('c', [{ b: 2, a: 'x' }]), [{ at: 5 }])
    assert.equal((await two.store.list('c')).length, 1)
    assert.equal(two.store.records('c', [later]).length, 2)
    await two.store.write('c', [{ partition: { b: 2, a: 'x' }, offset: null }])
    assert.deepEqual(await one.store.list('c'), [])
  })

  test("a connector's own offset topic goes before the worker's, which follows", async () => {
    await using worker = await opened(broker(), openOffsetTopic)
    const before = [1, 2].map((p) => ({ partition: { p }, offset: { at: p } }))
    await worker.store.write('c', before)
    const owner = { workerProps: worker.workerProps, connectorProps: {}, connector: 'c' }
    const topic = `${worker.group}-own`
    const own = openConnectorOffsetTopic({ owner, topic, worker: worker.store, log: silentLogger })
    await own.start()
    try {
      assert.deepEqual(await own.read('c', [{ p: 1 }, { p: 2 }]), [{ at: 1 }, { at: 2 }])
      await own.write('c', [
        { partition: { p: 1 }, offset: { at: 10 } },
        { partition: { p: 2 }, offset: null },
      ])
      assert.deepEqual(await own.list('c'), [{ partition: { p: 1 }, offset: { at: 10 } }])
      let seen: unknown
      await until('the worker topic to follow', async () => {
        seen = await worker.store.list('c')
        return JSON.stringify(seen) === JSON.stringify([{ partition: { p: 1 }, offset: { at: 10 } }])
      })
    } finally {
      await own.stop()
    }
  })
})

interface Lifecycle {
  start(): Promise<void>
  stop(): Promise<void>
}

async function opened<T extends Lifecycle>(
  broker: BrokerService,
  open: (options: Parameters<typeof openStatusTopic>[0]) => T,
  group = `st-${randomBytes(6).toString('hex')}`,
) {
  const storage = (kind: string) => ({
    [`${kind}.storage.topic`]: `${group}-${kind}`,
    [`${kind}.storage.replication.factor`]: '1',
    [`${kind}.storage.partitions`]: '2',
  })
  const workerProps: Record<string, string> = {
    'bootstrap.servers': broker.address,
    'group.id': group,
    ...storage('offset'),
    ...storage('status'),
  }
  const admin = Admin.create({ 'bootstrap.servers': broker.address })
  const store = open({ workerProps, admin, log: silentLogger })
  await store.start()
  const close = async () => {
    await store.stop()
    await admin.close()
  }
  return { group, workerProps, store, [Symbol.asyncDispose]: close }
}
