import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectException, DataException, RetriableException } from '@millrace/api'
import { ErrorMetrics } from './error-metrics.ts'
import type { Failure } from './stages.ts'
import { Tolerance, type ToleranceOptions } from './tolerance.ts'

const NEVER = new AbortController().signal

function setUp(options: Partial<ToleranceOptions>, safe: Promise<void> | undefined = undefined) {
  const metrics = new ErrorMetrics()
  const told: Failure[] = []
  const reporter = {
    report: (failure: Failure) => {
      told.push(failure)
      return safe
    },
  }
  const all = { tolerateAll: false, retryTimeoutMs: 0, retryDelayMaxMs: 1, ...options }
  return { tolerance: new Tolerance(all, [reporter], metrics), metrics, told }
}
const failure = (error: Error): Failure => ({ stage: 'VALUE_CONVERTER', className: 'c', error })

test('without tolerance a failure is reported, then ends the task', async () => {
  const { tolerance, metrics, told } = setUp({})
  const error = new DataException('bad')
  await assert.rejects(tolerance.failed(failure(error), 0, performance.now(), NEVER), (thrown: ConnectException) => {
    assert.equal(thrown.message, 'Tolerance exceeded in error handler')
    assert.equal(thrown.cause, error)
    return true
  })
  assert.equal(told.length, 1)
  assert.deepEqual([metrics.failures, metrics.errors, metrics.skipped], [1, 1, 0])
})

test('with tolerance a failed record is reported and skipped', async () => {
  const { tolerance, metrics, told } = setUp({ tolerateAll: true })
  assert.equal(await tolerance.failed(failure(new DataException('bad')), 0, performance.now(), NEVER), 'skip')
  assert.equal(told.length, 1)
  assert.deepEqual([metrics.errors, metrics.skipped], [1, 1])
  assert.ok(metrics.lastErrorTimestamp > 0)
})

test('a retriable failure is tried again within its time, and only such a one', async () => {
  const { tolerance, metrics, told } = setUp({ retryTimeoutMs: 60_000 })
  assert.equal(await tolerance.failed(failure(new RetriableException('later')), 5, performance.now(), NEVER), 'retry')
  assert.deepEqual([metrics.failures, metrics.retries, metrics.errors, told.length], [1, 1, 0, 0])
  await assert.rejects(
    tolerance.failed(failure(new DataException('bad')), 0, performance.now(), NEVER),
    ConnectException,
  )
})

test('a retriable failure whose time is over is not lost: it fails the task', async () => {
  const { tolerance, told } = setUp({ retryTimeoutMs: 10 })
  const since = performance.now() - 11
  await assert.rejects(tolerance.failed(failure(new RetriableException('later')), 3, since, NEVER), ConnectException)
  assert.equal(told.length, 1)
})

test('a task that is stopping does not wait for a retry, and nothing is decided about the record', async () => {
  for (const tolerateAll of [false, true]) {
    const { tolerance, told } = setUp({ retryTimeoutMs: -1, retryDelayMaxMs: 3_600_000, tolerateAll })
    const stopping = new AbortController()
    const decision = tolerance.failed(failure(new RetriableException('later')), 9, 0, stopping.signal)
    stopping.abort()
    assert.equal(await decision, 'stop')
    assert.deepEqual(told, [])
  }
})

test('offsets wait for reports, and a report that failed forbids the commit', async () => {
  const { tolerance } = setUp({ tolerateAll: true }, Promise.reject(new Error('queue gone')))
  await tolerance.failed(failure(new DataException('bad')), 0, performance.now(), NEVER)
  await assert.rejects(tolerance.settled(), /could not be reported/)
})
