// Converters that write and read headers: they see the bytes of Kafka, whatever the header converter makes of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '@millrace/testkit'
import { startFaultyWorker } from '../testing/faulty-worker.ts'

test('a converter’s own header goes to Kafka as bytes and comes back so, also for a record that had to wait', async (t) => {
  const worker = await startFaultyWorker(t)
  const marking = { 'value.converter': 'MarkingConverter' }
  await worker.put('source', {
    'connector.class': 'FaultySource',
    topic: 'marked',
    count: '20',
    'tasks.max': '1',
    ...marking,
  })
  const records = await worker.stored('marked', 20)
  const mark = Buffer.from([1, 0, 255, 200]).toString()
  assert.deepEqual(
    records.map(({ headers }) => headers.filter(({ key }) => key === '__mark')),
    records.map(() => [{ key: '__mark', value: mark }]),
  )
  await worker.put('sink', { 'connector.class': 'FaultySink', topics: 'marked', ...marking })
  await until('all records are delivered', () => {
    const counts = worker.calls('sink', 'task.put').map((one) => (one.detail as { count: number }).count)
    return counts.reduce((sum, count) => sum + count, 0) === 20
  })
})
