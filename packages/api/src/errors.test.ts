// Errors: brands, codes, traces; and that they are known across copies of this package.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ConfigException,
  ConnectException,
  DataException,
  errorClassName,
  errorCode,
  errorMessage,
  NotFoundException,
  RetriableException,
  SchemaBuilderException,
  stackTrace,
  TooManyTasksException,
} from './errors.ts'

test('an error is an instance of its class and of those above, not of others', () => {
  const error = new SchemaBuilderException('x')
  assert.ok(error instanceof SchemaBuilderException)
  assert.ok(error instanceof DataException)
  assert.ok(error instanceof ConnectException)
  assert.ok(error instanceof Error)
  assert.ok(!(error instanceof RetriableException))
  assert.ok(!(new DataException('x') instanceof SchemaBuilderException))
  assert.ok(!(new Error('x') instanceof ConnectException))
  for (const value of [null, undefined, 5, 'x', {}]) assert.ok(!((value as unknown) instanceof ConnectException))
})

test('another copy of this package makes errors that this one knows', async () => {
  // The query makes a module of its own, with classes of its own.
  const copy = (await import(`./errors.ts${'?copy'}`)) as typeof import('./errors.ts')
  assert.notEqual(copy.DataException, DataException)
  const error = new copy.SchemaBuilderException('from elsewhere')
  assert.ok(error instanceof DataException)
  assert.ok(!(error instanceof NotFoundException))
  assert.ok(new copy.RetriableException('x') instanceof RetriableException)
  assert.equal(new copy.RetriableException('x').retriable, true)
})

test('a subclass of an author goes by its prototype, and keeps what it inherits', () => {
  class Throttled extends RetriableException {}
  class Named extends RetriableException {
    static override readonly className: string = 'com.example.NamedException'
  }
  const throttled = new Throttled('slow down')
  assert.ok(throttled instanceof Throttled)
  assert.ok(throttled instanceof RetriableException)
  assert.ok(throttled.retriable)
  assert.ok(!(new RetriableException('x') instanceof Throttled))
  assert.ok(new Named('x') instanceof Named)
  assert.ok(!(new RetriableException('x') instanceof Named))
  assert.equal(new Named('x').className, 'com.example.NamedException')
})

test('code, class name, retriable and context', () => {
  const cause = new Error('below')
  const error = new ConfigException('bad', { configKey: 'a.b', connector: 'c', task: 2, action: 'set it', cause })
  assert.equal(error.code, 'MILLRACE_CONFIG')
  assert.equal(error.name, 'ConfigException')
  assert.equal(error.className, 'org.apache.kafka.common.config.ConfigException')
  assert.equal(error.retriable, false)
  assert.deepEqual(error.context, { configKey: 'a.b', connector: 'c', task: 2, action: 'set it' })
  assert.equal(error.cause, cause)
  assert.equal(new TooManyTasksException('x').code, 'MILLRACE_TOO_MANY_TASKS')
  assert.equal(ConfigException.invalidValue('k', 5, 'why').message, 'Invalid value 5 for configuration k: why')
  assert.equal(ConfigException.invalidValue('k', 5).message, 'Invalid value 5 for configuration k')
})

test('names and messages of anything thrown', () => {
  assert.equal(errorClassName(new DataException('x')), 'org.apache.kafka.connect.errors.DataException')
  assert.equal(errorClassName(new TypeError('x')), 'TypeError')
  assert.equal(errorClassName('text'), 'java.lang.RuntimeException')
  assert.equal(errorMessage('text'), 'text')
})

test('a trace begins with class and message, and names each cause once', () => {
  const low = new TypeError('low')
  const high = new DataException('high', { cause: low })
  const lines = stackTrace(high).split('\n')
  assert.equal(lines[0], 'org.apache.kafka.connect.errors.DataException: high')
  assert.match(lines[1] as string, /^\tat .*errors\.test\.ts/)
  assert.equal(lines.filter((line) => line === 'Caused by: TypeError: low').length, 1)
  const loop = new Error('loop')
  loop.cause = new DataException('again', { cause: loop })
  assert.equal(stackTrace(loop).match(/Caused by/g)?.length, 1)
  assert.equal(stackTrace('text'), 'java.lang.RuntimeException: text\n')
})

test('the code of a chain is the first that says more than that something failed', () => {
  const data = new DataException('bad')
  assert.equal(errorCode(new ConnectException('Tolerance exceeded in error handler', { cause: data })), 'MILLRACE_DATA')
  assert.equal(errorCode(new ConnectException('x', { cause: new TypeError('y') })), 'MILLRACE_CONNECT')
  assert.equal(errorCode(new Error('x', { cause: data })), 'MILLRACE_DATA')
  const loop = new Error('x')
  loop.cause = loop
  assert.deepEqual([errorCode(loop), errorCode('text')], ['MILLRACE_UNEXPECTED', 'MILLRACE_UNEXPECTED'])
})
