// What the JVM's worker wrote is read to the same state, and written again with the same bytes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { silentLogger } from '@millrace/api'
import type { StoredConfig } from '../control/entities.ts'
import type { TargetState } from '../plane/messages.ts'
import { ConfigReader } from './config-topic/config-reader.ts'
import * as config from './config-topic/records.ts'
import { jsonBytes } from './json-text.ts'
import type { LogRecord, TopicLog } from './kafka-based-log.ts'
import { OffsetTopicStore } from './offset-topic/offset-topic-store.ts'
import * as offsets from './offset-topic/records.ts'
import * as status from './status-topic/records.ts'
import { StatusTopicStore } from './status-topic/status-topic-store.ts'

const CONFIGS = golden('config')
const OFFSETS = golden('offset')
const STATUSES = golden('status')

/** Stores are fed by hand here. */
const NO_LOG: TopicLog = {
  partitionCount: 1,
  start: async () => {},
  stop: async () => {},
  flush: async () => {},
  readToEnd: async () => {},
  send: () => assert.fail('nothing is to be written'),
}

test('the config topic is read to the state that the JVM has', () => {
  const reader = new ConfigReader(silentLogger)
  for (const record of CONFIGS) reader.read(record)
  const state = reader.snapshot
  assert.deepEqual(state.connectors().sort(), ['file-source', 'sink'])
  assert.equal(state.offset, CONFIGS.at(-1)!.offset + 1)
  assert.equal(state.targetState('file-source'), 'STOPPED')
  assert.equal(state.targetState('sink'), 'STARTED')
  assert.equal(state.targetState('gone'), undefined)
  assert.deepEqual(state.tasks('file-source'), [])
  assert.equal(state.taskConfigGeneration('file-source'), 1)
  assert.equal(state.taskCountRecord('file-source'), 0)
  assert.equal(state.pendingFencing('file-source'), false)
  assert.equal(state.tasks('sink').length, 2)
  assert.equal(state.taskConfig({ connector: 'sink', task: 1 })?.file, '/data/out.txt')
  assert.deepEqual(state.appliedConfig('sink'), state.connectorConfig('sink'))
  assert.equal(state.sessionKey?.key.length, 32)
  assert.equal(state.sessionKey?.algorithm, 'HmacSHA256')
  assert.deepEqual(state.inconsistentConnectors(), [])
})

test('records of the config topic are the bytes that the JVM writes', () => {
  const kinds = new Set<string>()
  for (const { key, value } of CONFIGS) {
    const again = configAgain(key!.toString(), value)
    kinds.add(again.key.replace(/-.*/, ''))
    assert.equal(again.key, key!.toString())
    assert.equal(again.value?.toString(), value?.toString())
  }
  // `target-state-`, `tasks-fencing-`, `session-key`, `restart-connector-`, `logger-cluster-`: all kinds there are.
  const all = ['commit', 'connector', 'logger', 'restart', 'session', 'target', 'task', 'tasks']
  assert.deepEqual([...kinds].sort(), all)
})

test('the status topic is read to the states that the JVM shows, and written with its bytes', () => {
  const store = new StatusTopicStore({ topicLog: NO_LOG, log: silentLogger })
  const written = new Set<string>()
  for (const record of STATUSES) {
    store.read(record)
    const key = record.key!.toString()
    if (record.value === null) continue
    const isTopic = key.startsWith(status.TOPIC_PREFIX)
    const value = isTopic
      ? status.topicValue(status.parseTopic(record.value)!)
      : status.statusValue(status.parseStatus(record.value)!)
    assert.equal(value?.toString(), record.value.toString())
    written.add(isTopic ? 'topic' : status.parseStatus(record.value)!.state)
    const task = status.parseTaskKey(key)
    const topic = status.parseTopicKey(key)
    if (task !== undefined) assert.equal(status.taskKey(task), key)
    if (isTopic) assert.equal(status.topicKey(topic!.connector, topic!.topic), key)
  }
  for (const one of ['RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'topic']) assert.ok(written.has(one), one)
  assert.deepEqual(store.connectors().sort(), ['file-source', 'sink'])
  // The worker was stopped in the end.
  assert.equal(store.connector('file-source')?.state, 'UNASSIGNED')
  assert.equal(store.connector('gone'), undefined)
  assert.deepEqual(store.tasks('fails'), [])
})

test('the offset topic is read to the offset that was set last, and written with the same bytes', async () => {
  const store = new OffsetTopicStore({ topic: 't', topicLog: NO_LOG, log: silentLogger })
  for (const record of OFFSETS) {
    store.accept(record)
    const { connector, partition } = offsets.parseOffsetKey(record.key)!
    const offset = offsets.parseOffsetValue(record.value)!
    const [again] = store.records(connector, [{ partition, offset }])
    assert.equal(again?.key.toString(), record.key?.toString())
    assert.equal(again?.value?.toString(), record.value?.toString())
  }
  const partition = { filename: '/data/in.txt' }
  assert.deepEqual(await store.list('file-source'), [{ partition, offset: { position: 4 } }])
})

test('task configurations that compaction made incomplete make their connector inconsistent until the next commit', () => {
  const reader = new ConfigReader(silentLogger)
  let offset = 0
  const read = (...records: config.ConfigRecord[]) => {
    for (const { key, value } of records) {
      reader.read({ partition: 0, offset: offset++, timestamp: 0, key: Buffer.from(key), value })
    }
  }
  const task = (number: number) => config.taskRecord({ connector: 'a-1', task: number }, { n: String(number) })
  read(config.commitRecord('a-1', 1))
  assert.equal(reader.snapshot.pendingFencing('a-1'), false)
  read(config.connectorRecord('a-1', { name: 'a-1' }), task(1), config.commitRecord('a-1', 2))
  assert.deepEqual(reader.snapshot.inconsistentConnectors(), ['a-1'])
  assert.deepEqual(reader.snapshot.tasks('a-1'), [])
  assert.equal(reader.snapshot.taskCount('a-1'), 2)
  read(task(0), task(1))
  const before = reader.snapshot
  read(config.commitRecord('a-1', 2))
  assert.deepEqual(before.inconsistentConnectors(), ['a-1'])
  assert.deepEqual(reader.snapshot.inconsistentConnectors(), [])
  assert.equal(reader.snapshot.tasks('a-1').length, 2)
  assert.equal(reader.snapshot.taskConfigGeneration('a-1'), 0)
})

test('odd records are passed over, and older forms understood', () => {
  const reader = new ConfigReader(silentLogger)
  const put = (key: string, value: unknown, offset: number) =>
    reader.read({ partition: 0, offset, timestamp: 0, key: Buffer.from(key), value: jsonBytes(value) })
  put('connector-c', { properties: { name: 'c', unset: null }, more: 1 }, 0)
  put('target-state-c', { state: 'PAUSED' }, 1)
  assert.equal(reader.snapshot.targetState('c'), 'PAUSED')
  put('target-state-c', { state: 'PAUSED', 'state.v2': 'DANCING' }, 2)
  put('task-c', { properties: {} }, 3)
  put('commit-c', { tasks: 'two' }, 4)
  put('session-key', { key: 1 }, 5)
  put('what', [], 6)
  reader.read({ partition: 0, offset: 7, timestamp: 0, key: Buffer.from('connector-c'), value: Buffer.from('{') })
  assert.deepEqual(reader.snapshot.connectorConfig('c'), { name: 'c' })
  assert.equal(reader.snapshot.targetState('c'), 'PAUSED')
  assert.equal(reader.snapshot.sessionKey, null)
  assert.equal(reader.snapshot.offset, 7)
})

/** The record that the same call makes here. */
function configAgain(key: string, value: Buffer | null): config.ConfigRecord {
  const json = value === null ? null : (JSON.parse(value.toString()) as Record<string, never>)
  const rest = (prefix: string) => key.slice(prefix.length)
  if (key.startsWith(config.TARGET_STATE_PREFIX)) {
    const state: TargetState | null = json === null ? null : json['state.v2']!
    return config.targetStateRecord(rest(config.TARGET_STATE_PREFIX), state)
  }
  if (key.startsWith(config.CONNECTOR_PREFIX)) {
    const properties: StoredConfig | null = json === null ? null : json.properties!
    return config.connectorRecord(rest(config.CONNECTOR_PREFIX), properties)
  }
  assert.ok(json !== null)
  if (key.startsWith(config.TASK_COUNT_PREFIX)) {
    return config.taskCountRecord(rest(config.TASK_COUNT_PREFIX), json['task-count']!)
  }
  if (key.startsWith(config.TASK_PREFIX)) return config.taskRecord(config.parseTaskKey(key)!, json.properties!)
  if (key.startsWith(config.COMMIT_PREFIX)) return config.commitRecord(rest(config.COMMIT_PREFIX), json.tasks!)
  if (key.startsWith(config.LOGGER_PREFIX)) return config.loggerRecord(rest(config.LOGGER_PREFIX), json.level!)
  if (key.startsWith(config.RESTART_PREFIX)) {
    const connector = rest(config.RESTART_PREFIX)
    return config.restartRecord({
      connector,
      includeTasks: json['include-tasks']!,
      onlyFailed: json['only-failed']!,
    })
  }
  assert.equal(key, config.SESSION_KEY)
  return config.sessionKeyRecord({
    key: Buffer.from(json.key!, 'base64'),
    algorithm: json.algorithm!,
    creationTimestamp: json['creation-timestamp']!,
  })
}

function golden(name: string): LogRecord[] {
  const text = readFileSync(new URL(`golden/${name}.jsonl`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const one = JSON.parse(line) as {
        partition: number
        offset: number
        ts: number
        key: string
        payload: string | null
      }
      return {
        partition: one.partition,
        offset: one.offset,
        timestamp: one.ts,
        key: Buffer.from(one.key),
        value: one.payload === null ? null : Buffer.from(one.payload),
      }
    })
}
