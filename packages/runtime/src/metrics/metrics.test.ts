// Metrics: names that dashboards know, and series that do not vanish with the thread that counted them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '@millrace/api'
import { PluginMetrics } from '../data/plugin-metrics.ts'
import type { MetricSample } from '../plane/messages.ts'
import { toPrometheusText } from './prometheus.ts'
import { SampleMerger } from './worker-metrics.ts'

const task = { connector: 'a"b\\c', task: '0' }
const one = (
  group: string,
  name: string,
  value: number | string,
  labels: Record<string, string> = task,
): MetricSample => ({
  group,
  name,
  labels,
  value,
})

test('names are those of the exporter by default and by the usual rules', () => {
  const text = toPrometheusText([
    one('source-task-metrics', 'source-record-write-total', 3),
    one('connector-task-metrics', 'status', 'running'),
    one('connect-worker-metrics', 'task-count', 2, {}),
    one('task-error-metrics', 'last-error-timestamp', Number.NaN),
  ])
  const labels = '{connector="a\\"b\\\\c",task="0"}'
  for (const line of [
    '# TYPE kafka_connect_source_task_metrics_source_record_write_total counter',
    `kafka_connect_source_task_metrics_source_record_write_total${labels} 3`,
    `kafka_connect_source_task_source_record_write_total${labels} 3`,
    'kafka_connect_connector_status{connector="a\\"b\\\\c",task="0",status="running"} 1',
    'kafka_connect_connect_worker_metrics_task_count 2',
    'kafka_connect_worker_task_count 2',
    `kafka_connect_task_error_metrics_last_error_timestamp${labels} NaN`,
  ]) {
    assert.ok(text.split('\n').includes(line), line)
  }
})

test('series of one name stand together under one type line', () => {
  const rows = ['x', 'y'].flatMap((connector) => [
    one('sink-task-metrics', 'sink-record-read-total', 1, { connector, task: '0' }),
    one('sink-task-metrics', 'partition-count', 1, { connector, task: '0' }),
  ])
  const lines = toPrometheusText(rows).split('\n')
  const name = 'kafka_connect_sink_task_metrics_sink_record_read_total'
  const at = lines.indexOf(`# TYPE ${name} counter`)
  assert.deepEqual(lines.slice(at + 1, at + 3), [
    `${name}{connector="x",task="0"} 1`,
    `${name}{connector="y",task="0"} 1`,
  ])
  assert.equal(lines.filter((line) => line === `# TYPE ${name} counter`).length, 1)
})

test('a task keeps its last figures while it is there, though its thread is gone', () => {
  const merger = new SampleMerger()
  const state = (value: string) => one('connector-task-metrics', 'status', value)
  const counted = one('source-task-metrics', 'source-record-poll-total', 9)
  assert.deepEqual(merger.merge([state('running')], [counted, state('running')]), [state('running'), counted])
  assert.deepEqual(merger.merge([state('failed')], []), [state('failed'), counted])
  assert.deepEqual(merger.merge([], []), [])
})

test("a plugin's own metrics keep their names, carry the task's labels, and hide details", () => {
  const warnings: string[] = []
  const metrics = new PluginMetrics(
    { connector: 'c', task: 1 },
    { ...silentLogger, warn: (text) => warnings.push(text) },
  )
  const labels = { context: 'streaming', name: 'shop' }
  const add = (state: () => string | null) =>
    metrics.add({
      name: 'database_metrics',
      labels,
      attributes: {
        TotalSeen: { type: 'counter', help: 'Events\nseen.', read: () => 12n },
        Connected: { type: 'gauge', help: '', read: () => true },
        State: { type: 'text', help: '', read: state },
        'last-event': { type: 'detail', help: '', read: () => 'row 7' },
        Rows: { type: 'counter', help: '', keyLabel: 'table', read: () => new Map([['a.b', 3]]) },
        Broken: {
          type: 'gauge',
          help: '',
          read: () => {
            throw new Error('no connection')
          },
        },
      },
    })
  add(() => null)
  const none = toPrometheusText(metrics.samples())
  assert.ok(!none.includes('database_metrics_State'), none)
  add(() => 'open')
  const inner = 'context="streaming",name="shop",connector="c",task="1"'
  const lines = [
    '# HELP database_metrics_TotalSeen Events\\nseen.',
    '# TYPE database_metrics_TotalSeen counter',
    `database_metrics_TotalSeen{${inner}} 12`,
    '# TYPE database_metrics_Connected gauge',
    `database_metrics_Connected{${inner}} 1`,
    '# TYPE database_metrics_State gauge',
    `database_metrics_State{${inner},State="open"} 1`,
    '# TYPE database_metrics_Rows counter',
    `database_metrics_Rows{${inner},table="a.b"} 3`,
  ]
  assert.equal(toPrometheusText(metrics.samples()), `${lines.join('\n')}\n`)
  const detail = `database_metrics_last_event{${inner},last_event="row 7"} 1`
  assert.ok(toPrometheusText(metrics.samples(), true).split('\n').includes(detail))
  assert.deepEqual(warnings, ['The metric database_metrics_Broken cannot be read: no connection'])
})
