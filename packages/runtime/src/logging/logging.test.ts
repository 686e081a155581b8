// Log lines: who says them, at which level, in which context, and never with a secret.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectException, DataException } from '@millrace/api'
import { createLogging, type LoggingOptions } from './logging.ts'
import { SecretMask } from './mask.ts'

async function capture(options: LoggingOptions = {}) {
  const lines: string[] = []
  const logging = createLogging({ format: 'json', ...options, target: { write: (text) => lines.push(text) } })
  return { logging, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

test('a line carries level, logger, context and fields', async () => {
  const { logging, parsed } = await capture()
  const log = logging.logger('org.apache.kafka.connect.runtime.WorkerSourceTask', { connector: 'c', task: 2 })
  log.info('hello', { records: 5 })
  const { time, ...line } = parsed()[0] as Record<string, unknown>
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual(line, {
    level: 'INFO',
    logger: 'org.apache.kafka.connect.runtime.WorkerSourceTask',
    'connector.context': '[c|task-2]',
    records: 5,
    message: 'hello',
  })
})

test('children have longer names, more fields, and the connector scope without a task', async () => {
  const { logging, parsed } = await capture()
  logging.logger('a', { connector: 'c' }).child('b', { scope: 'offsets' }).info('x')
  assert.equal(parsed()[0]?.logger, 'a.b')
  assert.equal(parsed()[0]?.['connector.context'], '[c|worker|offsets]')
})

test('levels are inherited along dots and may change at run time', async () => {
  const { logging, lines } = await capture({ levels: { root: 'WARN', 'org.apache': 'DEBUG' } })
  const kafka = logging.logger('org.apache.kafka.X')
  const other = logging.logger('org.apacheother.X')
  kafka.debug('kept')
  other.info('dropped')
  assert.equal(lines.length, 1)
  assert.deepEqual(logging.tree.setLevel('org.apache', 'ERROR'), [
    'org.apache',
    'org.apache.kafka.X',
    'org.apacheother.X',
  ])
  kafka.warn('dropped')
  assert.equal(kafka.isEnabled('error'), true)
  assert.equal(lines.length, 1)
  assert.equal(logging.tree.level('org.apache.kafka.X')?.level, 'ERROR')
  assert.equal(typeof logging.tree.level('org.apache.kafka.X')?.last_modified, 'number')
  assert.equal(logging.tree.level('nobody'), undefined)
  assert.equal(logging.tree.level('ROOT')?.level, 'WARN')
})

test('one tree can follow the loggers of another', async () => {
  const [{ logging: thread }, { logging: control }] = [await capture(), await capture()]
  thread.logger('a.early')
  thread.tree.onKnown((name) => control.tree.know(name))
  thread.logger('a.late').child('x')
  thread.logger('a.late')
  for (const name of ['a.early', 'a.late', 'a.late.x']) assert.equal(control.tree.level(name)?.level, 'INFO')
  assert.deepEqual(control.tree.setLevel('a', 'DEBUG'), ['a', 'a.early', 'a.late', 'a.late.x'])
})

test('root sets all; only a real change is dated', async () => {
  const { logging } = await capture()
  logging.logger('a.b')
  assert.deepEqual(logging.tree.setLevel('root', 'INFO'), [])
  assert.deepEqual(logging.tree.setLevel('root', 'WARN'), ['a.b', 'root'])
  assert.deepEqual(logging.tree.setLevel('a', 'INFO'), ['a', 'a.b'])
  assert.deepEqual(logging.tree.setLevel('a.b', 'INFO'), [])
  assert.equal(logging.tree.level('a.c')?.last_modified, undefined)
  logging.tree.setLevel('root', 'OFF')
  assert.equal(logging.logger('a.b').isEnabled('error'), false)
})

test('errors are printed with class and trace', async () => {
  const { logging, parsed } = await capture()
  logging.logger('x').error('failed', { error: new ConnectException('outer', { cause: new Error('inner') }) })
  const error = parsed()[0]?.error as Record<string, string>
  assert.equal(error.class, 'org.apache.kafka.connect.errors.ConnectException')
  assert.equal(error.code, 'MILLRACE_CONNECT')
  assert.match(
    error.trace as string,
    /^org\.apache\.kafka\.connect\.errors\.ConnectException: outer\n\tat [\s\S]*\nCaused by: Error: inner\n/,
  )
})

test('a terminal gets one readable line, the trace below it', async () => {
  const { logging, lines } = await capture({ format: 'pretty' })
  logging.logger('org.X', { connector: 'c' }).error('it broke', { error: new Error('why'), at: 3 })
  const [first, second] = lines.join('').split('\n')
  assert.match(first ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ERROR \[c\|worker\] it broke \{"at":3\}$/)
  assert.equal(second, 'Error: why')
  logging.logger('org.X').error('bad', { error: new ConnectException('outer', { cause: new DataException('in') }) })
  assert.match(lines.at(-1) ?? '', /ERROR bad \(MILLRACE_DATA\)\norg/)
})

test('secrets are masked in every form', async () => {
  const mask = new SecretMask()
  mask.add(['s3cret"pass', 'abc', 'true', 'line-one-long\nline-two-long'])
  const { logging, lines } = await capture({ mask })
  logging
    .logger('x')
    .info('with s3cret"pass and abc but abcd is true', { url: 'u:s3cret"pass@h', pem: 'line-one-long\nline-two-long' })
  assert.match(
    lines[0] ?? '',
    /"url":"u:\[hidden\]@h","pem":"\[hidden\]","message":"with \[hidden\] and \[hidden\] but abcd is true"/,
  )
  assert.equal(mask.mask('x line-two-long'), 'x [hidden]')
})
