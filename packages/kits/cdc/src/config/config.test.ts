// Defaults, checks across keys, and what is made of a configuration.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { snapshotPlan } from '../snapshot/modes.ts'
import { COMMON_CONFIG, checkCommon, emitterOptions, selectOverrides } from './index.ts'

const errors = (props: Record<string, string>) =>
  checkCommon(COMMON_CONFIG.validate({ 'topic.prefix': 'p', ...props })).flatMap((one) => one.errors)

test('a topic prefix is enough, and defaults are the reference’s', () => {
  assert.deepEqual(errors({}), [])
  const config = COMMON_CONFIG.parse({ 'topic.prefix': 'p' })
  const options = emitterOptions(config, 'postgresql', '0')
  assert.deepEqual([...options.skippedOperations], ['t'])
  assert.deepEqual(
    options.contextHeaders.slice(0, 3).map(({ value }) => value),
    ['p', '0', 'postgresql'],
  )
  assert.equal(config['event.converting.failure.handling.mode'], 'warn')
  const none = COMMON_CONFIG.parse({
    'topic.prefix': 'p',
    'skipped.operations': 'none',
    'extended.headers.enabled': 'false',
  })
  const bare = emitterOptions(none, 'postgresql', '0')
  assert.deepEqual([bare.skippedOperations.size, bare.contextHeaders.length], [0, 0])
})

test('what does not fit is named', () => {
  assert.match(errors({ 'topic.prefix': 'a b' })[0]!, /alphanumeric/)
  assert.match(
    errors({ 'table.include.list': 'a', 'table.exclude.list': 'b' })[0]!,
    /"table\.include\.list" is already/,
  )
  assert.match(errors({ 'table.include.list': 'a(' })[0]!, /regular expressions/)
  assert.match(errors({ 'max.queue.size': '10', 'max.batch.size': '10' })[0]!, /larger than the maximum batch size/)
  assert.match(errors({ 'skipped.operations': 'c,none' })[0]!, /'none' cannot be/)
  assert.match(errors({ 'message.key.columns': 'a' })[0]!, /is not of the form/)
})

test('statements of single tables', () => {
  const props = {
    'snapshot.select.statement.overrides': 's.a, s.b',
    'snapshot.select.statement.overrides.s.b': 'SELECT 1',
  }
  assert.deepEqual([...selectOverrides(props)], [['s.b', 'SELECT 1']])
})

test('plans of the snapshot modes', () => {
  const off = { data: false, schema: false, stream: false, onSchemaError: false, onDataError: false }
  const state = (offsetExists: boolean, snapshotInProgress: boolean, positionAvailable: boolean) => ({
    offsetExists,
    snapshotInProgress,
    positionAvailable,
  })
  const first = state(false, false, true)
  const later = state(true, false, true)
  const half = state(true, true, true)
  const gone = state(true, false, false)
  const plan = (mode: Parameters<typeof snapshotPlan>[0], at: typeof first, switches = off) => {
    const { data, stream, positionLost } = snapshotPlan(mode, at, switches)
    return [data, stream, positionLost]
  }
  assert.deepEqual(plan('initial', first), [true, true, false])
  assert.deepEqual(plan('initial', half), [true, true, false])
  assert.deepEqual(plan('initial', later), [false, true, false])
  assert.deepEqual(plan('initial', gone), [false, true, true])
  assert.deepEqual(plan('initial_only', first), [true, false, false])
  assert.deepEqual(plan('when_needed', gone), [true, true, false])
  assert.deepEqual(plan('no_data', first), [false, true, false])
  assert.deepEqual(plan('always', later), [true, true, false])
  assert.deepEqual(plan('configuration_based', gone, { ...off, onDataError: true, stream: true }), [true, true, false])
  assert.deepEqual(plan('configuration_based', gone, { ...off, stream: true }), [false, true, true])
})
