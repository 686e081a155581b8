// Dead letter queues of sources: what could not be written is in the queue, with its story, before its offset is committed.
import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { Consumer } from '@millrace/kafka'
import { onEveryBroker, until } from '@millrace/testkit'
import { committedValues } from '../testing/committed-values.ts'
import { startFaultyWorker } from '../testing/faulty-worker.ts'
import { TestCluster } from '../testing/test-cluster.ts'
import { CONTEXT_PREFIX } from './errors/context-headers.ts'

const QUEUE = {
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': 'dead',
  'errors.deadletterqueue.topic.replication.factor': '1',
}
const SOURCE = {
  'connector.class': 'FaultySource',
  topic: 'numbers',
  count: '30',
  'value.converter': 'FaultyConverter',
  'value.converter.fault.matching': '^0-(15|29)$',
}
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `0-${from + at}`)

it('what cannot be converted is in the queue as it was polled, with its story and its place in the source', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.put('source', { ...SOURCE, ...QUEUE })
  const good = await worker.stored('numbers', 28)
  const bad = new Set(['0-15', '0-29'])
  assert.deepEqual(
    good.map((one) => one.value),
    numbers(0, 30).filter((one) => !bad.has(one)),
  )
  const [first, second] = await worker.stored('dead', 2)
  assert.deepEqual(JSON.parse(first?.value ?? ''), { schema: { type: 'string', optional: false }, payload: '0-15' })
  assert.equal(JSON.parse(second?.value ?? '').payload, '0-29')
  assert.equal(JSON.parse(first?.key ?? '').payload, '0')
  const headers = Object.fromEntries((first?.headers ?? []).map(({ key, value }) => [key, value]))
  const stack = headers['__connect.errors.exception.stacktrace'] ?? ''
  delete headers['__connect.errors.exception.stacktrace']
  assert.match(stack, /DataException: Refused/)
  assert.deepEqual(headers, {
    '__connect.errors.topic': 'numbers',
    '__connect.errors.connector.name': 'source',
    '__connect.errors.task.id': '0',
    '__connect.errors.stage': 'VALUE_CONVERTER',
    '__connect.errors.class.name': 'FaultyConverter',
    '__connect.errors.exception.class.name': 'org.apache.kafka.connect.errors.DataException',
    '__connect.errors.exception.message': 'Refused, as was asked for: 0-15',
    '__connect.errors.source.partition': '{"task":0}',
    '__connect.errors.source.offset': '{"number":15}',
    '__connect.errors.source.key.format': 'json',
    '__connect.errors.source.value.format': 'json',
  })
  // The last record is a dead letter: its offset is committed all the same, once the letter is safe.
  await worker.call('PUT', '/connectors/source/stop')
  await until('the offset', async () => Number((await worker.offsets('source'))[0]?.offset.number) === 29)
})

it('without tolerance nothing goes there: the task fails, and the record is polled again', async (t) => {
  const worker = await startFaultyWorker(t)
  await worker.put('source', { ...SOURCE, ...QUEUE, 'errors.tolerance': 'none' })
  await worker.status('source', (one) => one.tasks[0]?.state === 'FAILED')
  assert.equal(Number((await worker.offsets('source'))[0]?.offset.number), 14)
  assert.equal(await worker.metric('source', '0', 'deadletterqueue-produce-requests'), 0)
})

it('a letter that cannot be written fails the task, and holds the offset where it was', async (t) => {
  const worker = await startFaultyWorker(t)
  const bad = await worker.call('PUT', '/connectors/bad/config', {
    ...SOURCE,
    ...QUEUE,
    'errors.deadletterqueue.topic.replication.factor': 'x',
  })
  assert.equal(bad.status, 400)
  assert.match(JSON.stringify(bad.body), /errors.deadletterqueue.topic.replication.factor/)
  // So small that not even the headers fit.
  await worker.put('source', { ...SOURCE, ...QUEUE, 'producer.override.max.request.size': '200' })
  const { tasks } = await worker.status('source', (one) => one.tasks[0]?.state === 'FAILED')
  assert.match(tasks[0]?.trace ?? '', /could not be written to the dead letter queue dead either/)
  assert.equal(Number((await worker.offsets('source'))[0]?.offset.number), 14)
})

let topics = 0
onEveryBroker('a dead letter queue of a source', {}, (broker) => {
  async function scripted(t: TestContext, worker: Record<string, string>) {
    const cluster = new TestCluster(t, broker().bootstrap, worker)
    const one = await cluster.start()
    const topic = `letters-${process.pid}-${Date.now()}-${topics++}`
    const dead = `${topic}-dead`
    const put = async (more: Record<string, string>) => {
      const { status, body } = await one.call('PUT', '/connectors/scripted/config', {
        'connector.class': 'ScriptedSource',
        topic,
        ...QUEUE,
        'errors.deadletterqueue.topic.name': dead,
        ...more,
      })
      assert.ok(status < 300, JSON.stringify(body))
    }
    const offset = async () => {
      const { body } = await one.call('GET', '/connectors/scripted/offsets')
      return (body as { offsets: { offset: { number: number } }[] }).offsets[0]?.offset.number
    }
    return {
      one,
      topic,
      dead,
      put,
      offset,
      committed: (of: string, count: number) => committedValues(broker().bootstrap, of, count),
    }
  }

  for (const guarantee of ['at-least-once', 'exactly-once'] as const) {
    it(`${guarantee}: takes what is too large without its value`, async (t) => {
      const worker = guarantee === 'exactly-once' ? { 'exactly.once.source.support': 'enabled' } : {}
      const run = await scripted(t, worker)
      await run.put({ script: 'none,large' })
      assert.deepEqual(await run.committed(run.topic, 3), ['0', '1', '2'])
      const letters = await lettersOf(broker().bootstrap, run.dead, 3)
      await run.one.call('PUT', '/connectors/scripted/stop')
      await until('the offset', async () => (await run.offset()) === 5)
      assert.deepEqual(
        letters.map((one) => [one.value, one.headers.get('source.offset'), one.headers.get('stage')]),
        [3, 4, 5].map((number) => [null, `{"number":${number}}`, 'KAFKA_PRODUCE']),
      )
      assert.match(letters[0]?.headers.get('source.omitted') ?? '', /value 20000\d\d bytes/)
    })
  }

  it('takes what the broker alone finds too large, and the records beside it go on', async (t) => {
    const run = await scripted(t, {})
    await run.put({
      script: 'none,large,none',
      'producer.override.max.request.size': '8000000',
      // All nine in one batch, which the broker refuses and the producer takes apart.
      'producer.override.batch.size': '8000000',
      'producer.override.linger.ms': '300',
    })
    const letters = await lettersOf(broker().bootstrap, run.dead, 3)
    assert.deepEqual(
      letters.map((one) => one.headers.get('source.offset')),
      [3, 4, 5].map((number) => `{"number":${number}}`),
    )
    assert.match(letters[0]?.headers.get('exception.class.name') ?? '', /RecordTooLargeException$/)
    assert.deepEqual(await run.committed(run.topic, 6), ['0', '1', '2', '6', '7', '8'])
    await run.one.call('PUT', '/connectors/scripted/stop')
    await until('the offset', async () => (await run.offset()) === 8)
  })

  it('is a part of the transaction: aborted with it, committed with it', async (t) => {
    const run = await scripted(t, { 'exactly.once.source.support': 'enabled' })
    await run.put({
      'transaction.boundary': 'connector',
      script: 'none,abort,none,commit',
      'value.converter': 'FaultyConverter',
      'value.converter.fault.matching': '^(1|4|10)$',
    })
    assert.deepEqual(await run.committed(run.topic, 5), ['6', '7', '8', '9', '11'])
    const [letter, ...more] = await run.committed(run.dead, 1)
    assert.equal(JSON.parse(letter ?? '').payload, '10')
    assert.deepEqual(more, [])
    await until('the offset', async () => (await run.offset()) === 11)
  })

  it('a batch of dead letters alone is committed too', async (t) => {
    const run = await scripted(t, { 'exactly.once.source.support': 'enabled' })
    await run.put({
      script: 'none',
      'value.converter': 'FaultyConverter',
      'value.converter.fault.matching': '.*',
    })
    assert.equal((await run.committed(run.dead, 3)).length, 3)
    await until('the offset', async () => (await run.offset()) === 2)
  })
})

/** Letters of a topic, with the headers of their story under their names behind the prefix. */
async function lettersOf(bootstrap: string, topic: string, count: number) {
  const consumer = Consumer.create({ 'bootstrap.servers': bootstrap, 'auto.offset.reset': 'earliest' })
  const letters: { readonly value: string | null; readonly headers: ReadonlyMap<string, string> }[] = []
  try {
    consumer.assign([{ topic, partition: 0 }])
    await until(`${count} letters`, async () => {
      for (const { reader, count: most } of (await consumer.poll(200)).chunks) {
        for (let left = most; left > 0 && reader.next(); left--) {
          const value = reader.valueEnd < 0 ? null : reader.value.text()
          const headers = reader
            .headers()
            .map(({ key, value: bytes }) => [key, Buffer.from(bytes ?? []).toString()] as const)
          letters.push({
            value,
            headers: new Map(headers.map(([key, text]) => [key.replace(CONTEXT_PREFIX, ''), text])),
          })
        }
      }
      return letters.length >= count
    })
    return letters
  } finally {
    await consumer.close()
  }
}
