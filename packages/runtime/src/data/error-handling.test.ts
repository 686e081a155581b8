// errors.* of connectors against real tasks: tolerance, retries, the dead letter queue with the reference's headers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '@millrace/testkit'
import { type StatusBody, startFaultyWorker } from '../testing/faulty-worker.ts'

const SINK = { 'connector.class': 'FaultySink', topics: 'letters', 'value.converter': 'FaultyConverter' }
const failed = (status: StatusBody) => status.tasks[0]?.state === 'FAILED'
const CONTEXT = '__connect.errors.'

type Worker = Awaited<ReturnType<typeof startFaultyWorker>>

async function committed(worker: Worker): Promise<number> {
  return Number((await worker.offsets('sink'))[0]?.offset.kafka_offset ?? 0)
}
function putCount(worker: Worker): number {
  return worker.calls('sink', 'task.put').reduce((sum, one) => sum + (one.detail as { count: number }).count, 0)
}

test('without tolerance a record that cannot be converted fails the task, and is named', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.send('letters', ['a', 'b', 'bad', 'c'])
  await worker.put('sink', { ...SINK, 'value.converter.fault.matching': 'bad' })
  const { tasks } = await worker.status('sink', failed)
  const trace = tasks[0]?.trace ?? ''
  assert.match(trace, /ConnectException: Tolerance exceeded in error handler/)
  assert.match(trace, /Caused by: .*DataException: Refused, as was asked for: bad.*letters-0 offset 2/)
  assert.equal(await committed(worker), 0)
})

test('with tolerance it goes to the dead letter queue as it was, with its story, and the others go on', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.send('letters', ['a', 'bad 1', 'b', 'bad 2', 'c'])
  await worker.put('sink', {
    ...SINK,
    'value.converter.fault.matching': 'bad',
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dead',
    'errors.deadletterqueue.topic.replication.factor': '1',
    'errors.deadletterqueue.context.headers.enable': 'true',
  })
  const dead = await worker.stored('dead', 2)
  assert.deepEqual(
    dead.map((one) => [one.key, one.value]),
    [
      ['k', 'bad 1'],
      ['k', 'bad 2'],
    ],
  )
  const [own, ...context] = dead[1]?.headers ?? []
  assert.deepEqual(own, { key: 'h', value: 'own' })
  assert.deepEqual(
    context.map((one) => one.key),
    [
      'topic',
      'partition',
      'offset',
      'connector.name',
      'task.id',
      'stage',
      'class.name',
      'exception.class.name',
      'exception.message',
      'exception.stacktrace',
    ].map((name) => CONTEXT + name),
  )
  const values = Object.fromEntries(context.map((one) => [one.key.slice(CONTEXT.length), one.value]))
  assert.deepEqual(
    [values.topic, values.partition, values.offset, values['connector.name'], values['task.id'], values.stage],
    ['letters', '0', '3', 'sink', '0', 'VALUE_CONVERTER'],
  )
  assert.equal(values['class.name'], 'FaultyConverter')
  assert.equal(values['exception.class.name'], 'org.apache.kafka.connect.errors.DataException')
  await until('everything is committed', async () => (await committed(worker)) === 5)
  assert.equal(putCount(worker), 3)
  assert.equal(await worker.metric('sink', '0', 'total-records-skipped'), 2)
  assert.equal(await worker.metric('sink', '0', 'deadletterqueue-produce-requests'), 2)
})

test('what may work later is tried again within errors.retry.timeout, and nothing is lost', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.send('letters', ['a', 'slow', 'b'])
  await worker.put('sink', {
    ...SINK,
    'value.converter.fault.matching': 'slow',
    'value.converter.fault.retriable.times': '3',
    'errors.retry.timeout': '60000',
    'errors.retry.delay.max.ms': '5',
  })
  await until('all are put', () => putCount(worker) === 3)
  await until('everything is committed', async () => (await committed(worker)) === 3)
  assert.equal(await worker.metric('sink', '0', 'total-retries'), 3)
  assert.equal(await worker.metric('sink', '0', 'total-record-errors'), 0)
})

test('a task that stops while a record waits for its retry loses nothing', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.send('letters', ['a', 'never', 'b'])
  const stuck = {
    ...SINK,
    'value.converter.fault.matching': 'never',
    'value.converter.fault.retriable.times': '1000000',
    'errors.retry.timeout': '-1',
    'errors.tolerance': 'all',
  }
  await worker.put('sink', stuck)
  await until('it tries again', async () => (await worker.metric('sink', '0', 'total-retries')) > 0)
  await worker.put('sink', { ...SINK })
  await until('all are put', () => putCount(worker) === 3)
  await until('everything is committed', async () => (await committed(worker)) === 3)
})

test('a source record that cannot be converted fails the task, or is dropped and counted', async (t) => {
  const worker = await startFaultyWorker(t)
  const source = {
    'connector.class': 'FaultySource',
    topic: 'numbers',
    count: '30',
    'value.converter': 'FaultyConverter',
    'value.converter.fault.matching': '^0-15$',
  }
  await worker.put('source', source)
  const { tasks } = await worker.status('source', failed)
  assert.match(tasks[0]?.trace ?? '', /Tolerance exceeded in error handler.*Refused, as was asked for: 0-15/s)
  assert.equal(Number((await worker.offsets('source'))[0]?.offset.number), 14)
  await worker.put('source', { ...source, 'errors.tolerance': 'all' })
  await worker.call('POST', '/connectors/source/restart?includeTasks=true')
  const records = await worker.stored('numbers', 29)
  assert.deepEqual(
    [...new Set(records.map((one) => one.value))],
    Array.from({ length: 30 }, (_, at) => `0-${at}`).filter((one) => one !== '0-15'),
  )
})
