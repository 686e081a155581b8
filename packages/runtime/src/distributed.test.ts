// Distributed workers as their users meet them: one cluster, whichever worker is asked; work that moves; nothing that moves needlessly.
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { silentLogger } from '@millrace/api'
import { Admin } from '@millrace/kafka'
import { onEveryBroker, until } from '@millrace/testkit'
import type { ConnectorStateInfo } from './control/entities.ts'
import { type ClusterWorker, TestCluster } from './testing/test-cluster.ts'
import { temporaryFolder } from './testing/test-worker.ts'
import { openStatusTopic } from './topics/status-topic/open-status-topic.ts'

const told = (more: Record<string, string> = {}) => ({ 'connector.class': 'ToldSource', 'tasks.max': '4', ...more })

async function status(one: ClusterWorker, name: string): Promise<ConnectorStateInfo> {
  return (await one.call('GET', `/connectors/${name}/status`)).body as ConnectorStateInfo
}
/** Waits until all of a connector is in a state, with this many tasks. */
function all(one: ClusterWorker, name: string, state: string, tasks: number) {
  return until(`${name} is ${state} with ${tasks} tasks`, async () => {
    const now = await status(one, name)
    const fits = now.connector?.state === state && now.tasks.length === tasks
    return fits && now.tasks.every((task) => task.state === state) && now
  })
}
/** What the status topic says at last of connectors and their tasks, while no worker runs. */
async function lastStates(bootstrap: string, group: string, connectors: readonly string[]) {
  const workerProps = { 'bootstrap.servers': bootstrap, 'group.id': group, 'status.storage.topic': `${group}-status` }
  await using admin = Admin.create({ 'bootstrap.servers': bootstrap })
  const store = openStatusTopic({ workerProps, admin, log: silentLogger })
  await store.start()
  const states = connectors.map((name) => ({
    connector: store.connector(name)?.state,
    tasks: store.tasks(name).map((task) => task.status.state),
  }))
  await store.stop()
  return states
}
/** Who runs what, by worker id. */
function shares(states: readonly ConnectorStateInfo[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const { connector, tasks } of states) {
    for (const { worker_id } of [connector, ...tasks]) found.set(worker_id, (found.get(worker_id) ?? 0) + 1)
  }
  return found
}

onEveryBroker('a distributed worker', {}, (broker) => {
  it('keeps connectors, offsets and wishes in Kafka: the next worker goes on', async (t) => {
    const cluster = new TestCluster(t, broker().bootstrap)
    const folder = temporaryFolder(t)
    const topic = `lines-${Date.now()}`
    const input = join(folder, 'in.txt')
    const output = join(folder, 'out.txt')
    writeFileSync(input, 'one\ntwo\n')
    const first = await cluster.start()
    const source = { 'connector.class': 'FileStreamSource', file: input, topic }
    const created = await first.call('POST', '/connectors', { name: 'in', config: source })
    assert.deepEqual(created, {
      status: 201,
      body: { name: 'in', config: { ...source, name: 'in' }, tasks: [], type: 'source' },
    })
    const sink = { 'connector.class': 'FileStreamSink', file: output, topics: topic }
    assert.equal((await first.call('PUT', '/connectors/out/config', sink)).status, 201)
    await first.call('POST', '/connectors', { name: 'still', config: told(), initial_state: 'PAUSED' })
    await all(first, 'still', 'PAUSED', 0)
    await until('both lines', () => readFileSync(output, 'utf8') === 'one\ntwo\n')
    const position = { offsets: [{ partition: { filename: input }, offset: { position: 8 } }] }
    await until('the offset', async () => {
      const { body } = await first.call('GET', '/connectors/in/offsets')
      return JSON.stringify(body) === JSON.stringify(position)
    })
    await first.worker.stop()
    const left = { connector: 'UNASSIGNED', tasks: ['UNASSIGNED'] }
    assert.deepEqual(await lastStates(broker().bootstrap, cluster.group, ['in', 'out']), [left, left])

    const second = await cluster.start()
    assert.deepEqual((await second.call('GET', '/connectors')).body, ['in', 'out', 'still'])
    appendFileSync(input, 'three\n')
    await until('the third line', () => readFileSync(output, 'utf8') === 'one\ntwo\nthree\n')
    await all(second, 'still', 'PAUSED', 0)
    assert.equal((await second.call('PUT', '/connectors/still/resume')).status, 202)
    await all(second, 'still', 'RUNNING', 1)
    assert.equal((await second.call('PUT', '/connectors/still/stop')).status, 204)
    await all(second, 'still', 'STOPPED', 0)
    assert.deepEqual((await second.call('GET', '/connectors/still/tasks')).body, [])
    assert.equal((await second.call('DELETE', '/connectors/still')).status, 204)
    await until('no state is left', async () => (await second.call('GET', '/connectors/still/status')).status === 404)
    assert.equal((await second.call('GET', '/connectors/still')).status, 404)
  })

  it('shares work with others, and each answers for all', async (t) => {
    const cluster = new TestCluster(t, broker().bootstrap)
    const one = await cluster.start()
    for (const name of ['a', 'b', 'c']) {
      assert.equal((await one.call('PUT', `/connectors/${name}/config`, told({ plans: '3' }))).status, 201)
    }
    for (const name of ['a', 'b', 'c']) await all(one, name, 'RUNNING', 3)
    const two = await cluster.start()
    await until('both have half of it', async () => {
      const states = await Promise.all(['a', 'b', 'c'].map((name) => status(two, name)))
      const running = states.every((info) => info.tasks.every((task) => task.state === 'RUNNING'))
      const counts = [...shares(states).values()]
      return running && counts.length === 2 && counts.every((count) => count >= 5)
    })

    for (const asked of [one, two]) {
      for (const name of ['a', 'b', 'c']) {
        assert.equal((await asked.call('POST', `/connectors/${name}/restart`)).status, 204)
        for (const task of [0, 1, 2]) {
          assert.equal((await asked.call('POST', `/connectors/${name}/tasks/${task}/restart`)).status, 204)
        }
        const restarted = await asked.call('POST', `/connectors/${name}/restart?includeTasks=true`)
        assert.equal(restarted.status, 202)
        assert.deepEqual(
          (restarted.body as ConnectorStateInfo).tasks.map(({ state }) => state),
          ['RESTARTING', 'RESTARTING', 'RESTARTING'],
        )
        await all(asked, name, 'RUNNING', 3)
      }
      assert.deepEqual((await asked.call('POST', '/connectors/nope/restart')).body, {
        error_code: 404,
        message: 'Unknown connector: nope',
      })
      const again = await asked.call('POST', '/connectors', { name: 'a', config: told() })
      assert.deepEqual(again, {
        status: 409,
        body: { error_code: 409, message: 'Connector a already exists' },
      })
    }

    // Stopped in order: the other one takes over at once.
    await two.worker.stop()
    await until('one has it all', async () => {
      const states = await Promise.all(['a', 'b', 'c'].map((name) => status(one, name)))
      const running = states.every((info) => info.tasks.every((task) => task.state === 'RUNNING'))
      return running && shares(states).get(one.worker.workerId) === 12
    })
  })

  it('does not touch the tasks of one connector when another changes', async (t) => {
    const cluster = new TestCluster(t, broker().bootstrap)
    const [one, two] = [await cluster.start(), await cluster.start()]
    const polls = async () => {
      const samples = [...(await one.worker.metrics()), ...(await two.worker.metrics())]
      const states = new Map<string, number>()
      for (const { name, labels, value } of samples) {
        if (name === 'running-ratio' && labels.connector === 'steady') states.set(labels.task as string, Number(value))
      }
      return states
    }
    await one.call('PUT', '/connectors/steady/config', told({ plans: '4' }))
    await all(one, 'steady', 'RUNNING', 4)
    const started = () =>
      cluster.logged.filter((line) => /steady/.test(line) && /Start|Stop|restart/i.test(line)).length
    const before = started()
    const ratiosBefore = await polls()
    for (let round = 0; round < 5; round++) {
      const asked = round % 2 === 0 ? one : two
      const config = told({ plans: String(1 + (round % 3)), topic: `t${round}` })
      assert.ok((await asked.call('PUT', '/connectors/moving/config', config)).status < 300)
      await all(asked, 'moving', 'RUNNING', 1 + (round % 3))
    }
    assert.equal((await two.call('DELETE', '/connectors/moving')).status, 204)
    await until('it is gone', async () => (await one.call('GET', '/connectors/moving/status')).status === 404)
    assert.equal(started(), before, 'nothing of it was started or stopped')
    const ratios = await polls()
    assert.equal(ratios.size, 4)
    // What took its time was the start: the share of the time that it runs grows as long as it runs.
    for (const [task, ratio] of ratios) {
      const then = ratiosBefore.get(task) ?? 0
      assert.ok(ratio >= then, `task ${task} ran ${ratio} of its time, and ${then} before`)
    }
  })

  it('tells a failure where it happened, and restarts what failed', async (t) => {
    const cluster = new TestCluster(t, broker().bootstrap)
    const [one, two] = [await cluster.start(), await cluster.start()]
    await one.call('PUT', '/connectors/bad/config', told({ fail: 'poll', plans: '2' }))
    const failed = await until('both tasks failed', async () => {
      const info = await status(two, 'bad')
      return info.tasks?.length === 2 && info.tasks.every((task) => task.state === 'FAILED') && info
    })
    assert.match(failed.tasks[0]?.trace ?? '', /told to fail/)
    const plan = await two.call('POST', '/connectors/bad/restart?includeTasks=true&onlyFailed=true')
    assert.equal(plan.status, 202)
    assert.equal((plan.body as ConnectorStateInfo).connector.state, 'RUNNING')
    await one.call('PUT', '/connectors/bad/config', told({ fail: 'plan' }))
    await until('the connector failed to plan', async () => {
      const { connector } = await status(two, 'bad')
      return connector.state === 'FAILED' && /told to plan badly/.test(connector.trace ?? '')
    })
    await two.call('PUT', '/connectors/bad/config', told({ plans: '1' }))
    await all(one, 'bad', 'RUNNING', 1)
  })

  it('restarts failed tasks by itself as often as it is told, with a history that every worker shows', async (t) => {
    const cluster = new TestCluster(t, broker().bootstrap)
    const [one, two] = [await cluster.start(), await cluster.start()]
    const restarts = { 'errors.auto.restart.max.retries': '2', 'errors.auto.restart.backoff.ms': '20' }
    await one.call('PUT', '/connectors/tried/config', told({ fail: 'poll', plans: '2', ...restarts }))
    for (const worker of [one, two]) {
      const { tasks } = await until('both tasks were given up', async () => {
        const info = await status(worker, 'tried')
        return info.tasks?.length === 2 && info.tasks.every((task) => task.auto_restart?.history.length === 3) && info
      })
      for (const { state, auto_restart: note } of tasks) {
        assert.equal(state, 'FAILED')
        assert.deepEqual([note?.attempts, note?.max_attempts, note?.next], [2, 2, undefined])
        assert.match(note?.history[0]?.error ?? '', /told to fail, knowing/)
      }
    }
    await two.call('PUT', '/connectors/tried/config', told({ plans: '1', ...restarts }))
    await all(one, 'tried', 'RUNNING', 1)
    assert.equal((await status(one, 'tried')).tasks[0]?.auto_restart, undefined)
  })
})
