import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationText, timeOf } from './times.ts'

test('times are dates, or so long ago', () => {
  assert.equal(timeOf('1970-01-01T00:00:01Z'), 1_000)
  assert.deepEqual(
    ['10s', '2m', '1h', '7d'].map((text) => timeOf(text, 1_000_000_000)),
    [999_990_000, 999_880_000, 996_400_000, 395_200_000],
  )
  assert.deepEqual(
    ['yesterday', '-1h', '1w'].map((text) => timeOf(text)),
    [undefined, undefined, undefined],
  )
})

test('durations are told in their largest unit', () => {
  const told = [-5, 0, 1_999, 60_000, 3_599_999, 3_600_000, 200_000_000].map(durationText)
  assert.deepEqual(told, ['0 s', '0 s', '1 s', '1 min', '59 min', '1 h', '2 d'])
})
