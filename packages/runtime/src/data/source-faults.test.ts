// Source tasks whose connector fails, blocks or lags: what is committed, what is sent again, and how they end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '@millrace/testkit'
import { type StatusBody, startFaultyWorker } from '../testing/faulty-worker.ts'

const SOURCE = { 'connector.class': 'FaultySource', topic: 'numbers', 'batch.size': '10', 'poll.ms': '1' }
const running = (status: StatusBody) => status.tasks.length > 0 && status.tasks.every((one) => one.state === 'RUNNING')
const failed = (status: StatusBody) => status.tasks[0]?.state === 'FAILED'
const numberOf = (offsets: readonly { readonly offset: Record<string, unknown> }[]) => Number(offsets[0]?.offset.number)

test('what was acknowledged before a failure is committed, and a restart goes on behind it', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.put('source', { ...SOURCE, 'fault.at': 'task.poll', 'fault.kind': 'throw', 'fault.after': '5' })
  const { tasks } = await worker.status('source', failed)
  assert.match(tasks[0]?.trace ?? '', /ConnectException: A fault was asked for at task.poll/)
  assert.equal(numberOf(await worker.offsets('source')), 49)
  await worker.call('POST', '/connectors/source/restart?includeTasks=true&onlyFailed=true')
  const records = await worker.stored('numbers', 100)
  assert.deepEqual(
    records.slice(0, 100).map((one) => one.value),
    Array.from({ length: 100 }, (_, at) => `0-${at}`),
  )
})

test('a poll that may be tried again counts as nothing', async (t) => {
  const worker = await startFaultyWorker(t)
  const faults = { 'fault.at': 'task.poll', 'fault.kind': 'retriable', 'fault.after': '2', 'fault.times': '3' }
  await worker.put('source', { ...SOURCE, ...faults, count: '50' })
  const records = await worker.stored('numbers', 50)
  assert.equal(records.length, 50)
  await worker.status('source', running)
})

test('a task that does not come back from a poll is abandoned in time, and has no say any more', async (t) => {
  const worker = await startFaultyWorker(t, { 'task.shutdown.graceful.timeout.ms': '300' })
  const faults = { 'fault.at': 'task.poll', 'fault.kind': 'block', 'fault.after': '3' }
  await worker.put('source', { ...SOURCE, ...faults })
  await until('the poll blocks', () => worker.calls('source', 'task.poll').length === 4)
  await until('all is committed', async () => numberOf(await worker.offsets('source')) === 29)
  await worker.put('source', { ...SOURCE, count: '60' })
  await worker.status('source', running)
  const records = await worker.stored('numbers', 60)
  assert.deepEqual(
    records.map((one) => one.value),
    Array.from({ length: 60 }, (_, at) => `0-${at}`),
  )
  await until('all is committed', async () => numberOf(await worker.offsets('source')) === 59)
  worker.release('source')
  await until('the old task ends', () => worker.calls('source', 'task.stop').length === 1)
  assert.equal(numberOf(await worker.offsets('source')), 59)
  assert.ok(running(await worker.status('source', () => true)))
})

test('records are told to the task in order, dropped ones without a place', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.put('source', {
    ...SOURCE,
    count: '30',
    transforms: 'refuse',
    'transforms.refuse.type': 'FaultyTransformation',
    'transforms.refuse.fault.matching': '^0-1.$',
    'errors.tolerance': 'all',
  })
  await until('all are told', () => worker.calls('source', 'task.commitRecord').length === 30)
  const told = worker
    .calls('source', 'task.commitRecord')
    .map((one) => one.detail as { number: number; offset?: number })
  const kept = told.filter((one) => one.offset !== undefined)
  assert.deepEqual(
    kept.map((one) => one.number),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29],
  )
  assert.deepEqual(
    kept.map((one) => one.offset),
    kept.map((_, at) => at),
  )
  await until('a commit is told', () => worker.calls('source', 'task.commit').length > 0)
  await until('all is committed', async () => numberOf(await worker.offsets('source')) === 29)
  assert.equal(await worker.metric('source', '0', 'total-records-skipped'), 10)
  assert.equal(await worker.metric('source', '0', 'source-record-write-total'), 20)
  assert.equal(await worker.metric('source', '0', 'source-record-active-count'), 0)
})

test('an error of the task in commit or commitRecord is no failure', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.put('source', {
    ...SOURCE,
    count: '20',
    'fault.at': 'task.commit,task.commitRecord',
    'fault.kind': 'throw',
  })
  await until('all is committed', async () => numberOf(await worker.offsets('source')) === 19)
  const commits = worker.calls('source', 'task.commit').length
  await until('one commit more', () => worker.calls('source', 'task.commit').length > commits)
  assert.ok(running(await worker.status('source', () => true)))
})

test('a paused source polls no more, and goes on where it was', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.put('source', SOURCE)
  await worker.stored('numbers', 50)
  await worker.call('PUT', '/connectors/source/pause')
  await worker.status('source', (status) => status.tasks[0]?.state === 'PAUSED')
  const polls = worker.calls('source', 'task.poll').length
  await until('a commit while paused', async () => {
    const committed = numberOf(await worker.offsets('source'))
    return committed === polls * 10 - 1
  })
  assert.equal(worker.calls('source', 'task.poll').length, polls)
  await worker.call('PUT', '/connectors/source/resume')
  await worker.status('source', running)
  await until('it polls again', () => worker.calls('source', 'task.poll').length > polls)
  assert.equal(worker.calls('source', 'task.start').length, 1)
})

test('a connector that is created paused starts no task before it is resumed', async (t) => {
  const worker = await startFaultyWorker(t)
  const config = { ...SOURCE, name: 'source', 'events.file': `${worker.folder}/source.events` }
  await worker.call('POST', '/connectors', { name: 'source', config, initial_state: 'PAUSED' })
  await worker.status('source', (status) => status.connector.state === 'PAUSED')
  assert.equal(worker.calls('source', 'task.start').length, 0)
  await worker.call('PUT', '/connectors/source/resume')
  await worker.status('source', running)
  await worker.stored('numbers', 10)
})

test('topics are created as the connector asks', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.put('source', {
    ...SOURCE,
    count: '10',
    'topic.creation.groups': 'wide',
    'topic.creation.wide.include': 'num.*',
    'topic.creation.wide.partitions': '4',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  })
  await until('all is committed', async () => numberOf(await worker.offsets('source')) === 9)
  const { Admin } = await import('@millrace/kafka')
  const admin = Admin.create({ 'bootstrap.servers': worker.bootstrap })
  const [topic] = await admin.describeTopics(['numbers'])
  await admin.close()
  assert.equal(topic?.partitions?.length, 4)
})
