// Threads that die or hang: only what ran there fails, and it can be started again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '@millrace/testkit'
import { type StatusBody, startFaultyWorker } from '../testing/faulty-worker.ts'

const SOURCE = { 'connector.class': 'FaultySource', 'batch.size': '10', 'poll.ms': '1' }
const running = (status: StatusBody) => status.tasks.length > 0 && status.tasks.every((one) => one.state === 'RUNNING')

test('a thread that dies fails what ran on it; the worker lives, and it starts again', async (t) => {
  const worker = await startFaultyWorker(t, { 'worker.threads': '1' })
  await worker.put('victim', { ...SOURCE, topic: 'victim' })
  await worker.put('culprit', {
    ...SOURCE,
    topic: 'culprit',
    'task.isolation': 'dedicated',
    'fault.at': 'task.poll',
    'fault.kind': 'exit',
    'fault.after': '3',
  })
  const { tasks } = await worker.status('culprit', (status) => status.tasks[0]?.state === 'FAILED')
  assert.match(tasks[0]?.trace ?? '', /The thread that ran this ended: exit code 1/)
  assert.ok(running(await worker.status('victim', () => true)))
  await worker.put('culprit', { ...SOURCE, topic: 'culprit' })
  await worker.status('culprit', running)
  await worker.stored('culprit', 30)
})

test('what shares a thread with the one that kills it fails with it, and is restarted on another', async (t) => {
  const worker = await startFaultyWorker(t, { 'worker.threads': '1' })
  await worker.put('victim', { ...SOURCE, topic: 'victim' })
  await worker.status('victim', running)
  await worker.put('culprit', { ...SOURCE, topic: 'culprit', 'fault.at': 'task.poll', 'fault.kind': 'exit' })
  const { connector } = await worker.status('victim', (status) => status.tasks[0]?.state === 'FAILED')
  assert.equal(connector.state, 'FAILED')
  await worker.put('culprit', { ...SOURCE, topic: 'culprit' })
  await worker.call('POST', '/connectors/victim/restart?includeTasks=true&onlyFailed=true')
  await worker.status('victim', (status) => running(status) && status.connector.state === 'RUNNING')
  const before = worker.calls('victim', 'task.poll').length
  await until('it polls', () => worker.calls('victim', 'task.poll').length > before)
})

test('a thread that hangs in the code of a plugin is ended when its task is to stop', async (t) => {
  const worker = await startFaultyWorker(t, { 'task.shutdown.graceful.timeout.ms': '100' })
  await worker.put('frozen', {
    ...SOURCE,
    topic: 'frozen',
    'task.isolation': 'dedicated',
    'fault.at': 'task.poll',
    'fault.kind': 'freeze',
    'fault.after': '3',
  })
  await until('it hangs', () => worker.calls('frozen', 'task.poll').length === 4)
  await worker.put('frozen', { ...SOURCE, topic: 'frozen', count: '50' })
  await worker.status('frozen', running)
  await until('all is committed', async () => (await worker.offsets('frozen'))[0]?.offset.number === 49)
})

test('metrics do not wait for a thread that hangs', async (t) => {
  const worker = await startFaultyWorker(t, { 'task.shutdown.graceful.timeout.ms': '100' })
  await worker.put('frozen', {
    ...SOURCE,
    topic: 'frozen',
    'task.isolation': 'dedicated',
    'fault.at': 'task.poll',
    'fault.kind': 'freeze',
  })
  await until('it hangs', () => worker.calls('frozen', 'task.poll').length === 1)
  assert.equal((await worker.call('GET', '/metrics')).status, 200)
})
