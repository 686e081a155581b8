import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressText, totals } from './progress.ts'

const sample = (group: string, name: string, value: number | string, task = '0') => ({
  group,
  name,
  value,
  labels: { connector: 'c', task },
})

test('totals sum over tasks and count states', () => {
  const now = totals([
    sample('source-task-metrics', 'source-record-write-total', 10),
    sample('source-task-metrics', 'source-record-write-total', 5, '1'),
    sample('sink-task-metrics', 'sink-record-send-total', 7),
    sample('sink-task-metrics', 'consumer-lag', 3),
    sample('connector-task-metrics', 'status', 'running'),
    sample('connector-task-metrics', 'status', 'failed', '1'),
  ])
  assert.deepEqual(now, { written: 15, delivered: 7, lag: 3, running: 1, failed: 1 })
})

test('the line gives rates since the last one and names failures', () => {
  const zero = { written: 0, delivered: 0, lag: 0, running: 0, failed: 0 }
  const text = progressText(zero, { written: 4000, delivered: 2000, lag: 2000, running: 1, failed: 1 }, 2)
  assert.equal(
    text,
    'tasks: 1 running, 1 FAILED | into Kafka 2,000 records/s | out of Kafka 1,000 records/s | lag 2,000',
  )
})
