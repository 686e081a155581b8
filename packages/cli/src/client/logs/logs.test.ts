// Log lines by connector, from files as they are written, rotated and cut.
import assert from 'node:assert/strict'
import { appendFile, rename, truncate, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { temporaryFolder, until } from '@millrace/testkit'
import { isAtLeast, LogReader } from './lines.ts'
import { readLogs } from './tail.ts'

test('lines tell connector, task and level, in every form; traces go with their line', () => {
  const reader = new LogReader()
  const read = (text: string) => {
    const { text: _text, ...rest } = reader.read(text)
    return rest
  }
  const jvm = '[2026-01-31 12:00:00,123] ERROR [orders|task-1|offsets] Cannot do it (org.apache.kafka.X:12)'
  assert.deepEqual(read(jvm), { level: 'ERROR', connector: 'orders', task: 1 })
  assert.deepEqual(read('java.lang.Exception: no'), { level: 'ERROR', connector: 'orders', task: 1 })
  assert.deepEqual(read('\tat org.apache.kafka.X(X.java:1)'), { level: 'ERROR', connector: 'orders', task: 1 })
  assert.deepEqual(read('[2026-01-31 12:00:00,123] INFO Herder started (org.apache.kafka.Y)'), { level: 'INFO' })
  assert.deepEqual(read('[2026-01-31 12:00:01,123] INFO [a b|worker] x (Z)'), { level: 'INFO', connector: 'a b' })
  const ours =
    '{"level":"WARN","time":"2026-01-31T12:00:00.000Z","logger":"x","connector.context":"[orders|task-0]","message":"slow"}'
  assert.deepEqual(read(ours), { level: 'WARN', connector: 'orders', task: 0 })
  assert.deepEqual(read('{"level":"INFO","contextMap":{"connector.context":"[b|worker] "},"message":"m"}'), {
    level: 'INFO',
    connector: 'b',
  })
  assert.deepEqual(read('2026-01-31 12:00:00.123 \u001b[33mWARN \u001b[39m \u001b[36m[orders|task-2]\u001b[39m slow'), {
    level: 'WARN',
    connector: 'orders',
    task: 2,
  })
  assert.deepEqual(
    [isAtLeast('WARN', 'INFO'), isAtLeast('INFO', 'WARN'), isAtLeast(undefined, 'ERROR')],
    [true, false, true],
  )
})

test('a file is followed over growth, rotation and truncation, every line once', async () => {
  await using folder = await temporaryFolder()
  const path = folder.file('worker.log')
  await writeFile(path, 'one\ntwo')
  const stop = new AbortController()
  const lines: string[] = []
  let caughtUp = 0
  const done = readLogs([path], true, stop.signal, { line: (text) => lines.push(text), caughtUp: () => caughtUp++ })
  await until('the first line', () => lines.length === 1)
  assert.equal(caughtUp, 1)
  await appendFile(path, ' and a half\nthr€')
  await until('the second', () => lines.length === 2)
  await appendFile(path, 'e\n')
  await until('the third', () => lines.length === 3)
  await appendFile(path, 'last of the old\n')
  await rename(path, folder.file('worker.log.1'))
  await writeFile(path, 'first of the new, which is longer than the whole old one was, to be sure of that\n')
  await until('both files', () => lines.length === 5)
  await truncate(path)
  await until('the truncation has been seen', async () => {
    await appendFile(path, 'x\n')
    return lines.includes('x')
  })
  stop.abort()
  await done
  assert.deepEqual(lines.slice(0, 5), [
    'one',
    'two and a half',
    'thr€e',
    'last of the old',
    'first of the new, which is longer than the whole old one was, to be sure of that',
  ])
})
