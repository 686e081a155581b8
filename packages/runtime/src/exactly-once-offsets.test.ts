// Offsets of exactly-once sources that users change: all or none, and no zombie undoes them (KIP-618, KIP-875).
import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { Producer } from '@millrace/kafka'
import { onEveryBroker, until } from '@millrace/testkit'
import type { ConnectorStateInfo } from './control/entities.ts'
import { TestCluster } from './testing/test-cluster.ts'

let topics = 0

onEveryBroker('changed offsets of an exactly-once source', {}, (broker) => {
  /** A connector of two tasks that has stopped with committed offsets, and what tests do with it. */
  async function stopped(t: TestContext, more: Record<string, string> = {}) {
    const cluster = new TestCluster(t, broker().bootstrap, { 'exactly.once.source.support': 'enabled' })
    const one = await cluster.start()
    const topic = `changed-${process.pid}-${Date.now()}-${topics++}`
    const path = '/connectors/counting'
    const config = { 'connector.class': 'FaultySource', 'tasks.max': '2', topic, count: '20', ...more }
    const created = await one.call('PUT', `${path}/config`, config)
    assert.ok(created.status < 300, JSON.stringify(created.body))
    const offsets = async () => {
      const { body } = await one.call('GET', `${path}/offsets`)
      const all = (body as { offsets: { partition: { task: number }; offset: { number: number } }[] }).offsets
      return all.map(({ partition, offset }) => [partition.task, offset.number]).sort()
    }
    await until('both are done', async () => JSON.stringify(await offsets()) === '[[0,19],[1,19]]')
    const patch = (numbers: readonly (number | null)[]) =>
      one.call('PATCH', `${path}/offsets`, {
        offsets: numbers.map((number, task) => ({ partition: { task }, offset: number === null ? null : { number } })),
      })
    const stop = async () => {
      await one.call('PUT', `${path}/stop`)
      await until('it has stopped', async () => {
        const { connector, tasks } = (await one.call('GET', `${path}/status`)).body as ConnectorStateInfo
        return connector.state === 'STOPPED' && tasks.length === 0
      })
    }
    /** A task that its worker has lost sight of, in the middle of a transaction with an offset in it. */
    const zombie = async (task: number) => {
      const producer = Producer.create({
        'bootstrap.servers': broker().bootstrap,
        'transactional.id': `${cluster.group}-counting-${task}`,
        'max.block.ms': '5000',
      })
      t.after(() => producer.close({ timeoutMs: 0 }))
      await producer.initTransactions()
      producer.beginTransaction()
      const key = JSON.stringify(['counting', { task }])
      await producer.send({
        topic: more['offsets.storage.topic'] ?? `${cluster.group}-offset`,
        key,
        value: '{"number":7}',
      })
      return producer
    }
    return { one, path, config, offsets, patch, stop, zombie }
  }

  for (const own of [false, true]) {
    it(`are not undone by tasks that come back${own ? ', in a topic of their own' : ''}`, async (t) => {
      const topic = `own-offsets-${process.pid}-${Date.now()}-${topics++}`
      const run = await stopped(t, own ? { 'offsets.storage.topic': topic } : {})
      await run.stop()
      const zombies = [await run.zombie(0), await run.zombie(1)]
      const { status, body } = await run.patch([3, 4])
      assert.deepEqual(
        [status, (body as { message: string }).message.includes('altered successfully')],
        [200, true],
        JSON.stringify(body),
      )
      for (const one of zombies) await assert.rejects(one.commitTransaction())
      assert.deepEqual(await run.offsets(), [
        [0, 3],
        [1, 4],
      ])
      await run.one.call('PUT', `${run.path}/resume`)
      await until('they go on behind it', async () => JSON.stringify(await run.offsets()) === '[[0,19],[1,19]]')
    })
  }

  it('are written in a transaction of the first task: nobody else is in one', async (t) => {
    const run = await stopped(t)
    await run.stop()
    assert.equal((await run.patch([1, 1])).status, 200)
    // There is nothing to fence now: the write itself does.
    const zombie = await run.zombie(0)
    assert.equal((await run.patch([2, null])).status, 200)
    await assert.rejects(zombie.commitTransaction())
    assert.deepEqual(await run.offsets(), [[0, 2]])
    assert.equal((await run.one.call('DELETE', `${run.path}/offsets`)).status, 200)
    assert.deepEqual(await run.offsets(), [])
    assert.equal((await run.one.call('DELETE', `${run.path}/offsets`)).status, 200)
  })

  it('stay as they are, and tasks run on, when the connector is not stopped', async (t) => {
    const run = await stopped(t)
    const { status, body } = await run.patch([1, 1])
    assert.equal(status, 400)
    assert.match(JSON.stringify(body), /must be in the STOPPED state/)
    const bigger = await run.one.call('PUT', `${run.path}/config`, { ...run.config, count: '30' })
    assert.ok(bigger.status < 300)
    await until('they go on', async () => JSON.stringify(await run.offsets()) === '[[0,29],[1,29]]')
    const { tasks } = (await run.one.call('GET', `${run.path}/status`)).body as ConnectorStateInfo
    assert.deepEqual(
      tasks.map((task) => task.state),
      ['RUNNING', 'RUNNING'],
    )
  })
})
