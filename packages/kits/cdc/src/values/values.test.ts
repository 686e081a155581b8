// Numbers, bytes and times from text, without loss.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '@millrace/api'
import { binaryMapping, decimalMapping, variableDecimalMapping } from './numbers.ts'
import {
  dateMapping,
  epochDays,
  isoDate,
  isoTimestamp,
  parseDateDays,
  parseTimeMicros,
  parseTimestampMicros,
  timeMapping,
  timestampMapping,
} from './times.ts'

test('decimals keep their digits, or are an error', () => {
  const precise = decimalMapping('precise', 30, 3)
  assert.deepEqual(precise.convert('-12345678901234567890.5'), new Decimal(-12345678901234567890500n, 3))
  assert.equal(precise.schema.build().parameters?.get('connect.decimal.precision'), '30')
  assert.throws(() => precise.convert('1.0001'), /more than 3 digits/)
  assert.equal(decimalMapping('string', 5, 2).convert('1'), '1.00')
  assert.equal(decimalMapping('double', 5, 2).convert('1.25'), 1.25)
  assert.throws(() => decimalMapping('double', 5, 2).convert('x'), /Not a number/)
  assert.deepEqual(variableDecimalMapping('precise').convert('-2.560'), { scale: 3, value: Buffer.from('f600', 'hex') })
})

test('bytes in four forms, the placeholder as well', () => {
  const bytes = Buffer.from('fbff3e', 'hex')
  const modes = ['bytes', 'base64', 'base64-url-safe', 'hex'] as const
  assert.deepEqual(
    modes.map((mode) => binaryMapping(mode, 'x').convert(bytes)),
    [bytes, '+/8+', '-_8-', 'fbff3e'],
  )
  assert.equal(binaryMapping('base64-url-safe', 'x').unavailable, 'eA==')
})

test('dates of the whole calendar', () => {
  for (const [year, month, day] of [
    [1970, 1, 1],
    [2000, 2, 29],
    [1900, 3, 1],
    [9999, 12, 31],
    [1, 1, 1],
  ] as const) {
    const date = new Date(0)
    date.setUTCFullYear(year, month - 1, day)
    assert.equal(epochDays(year, month, day), date.getTime() / 86_400_000)
    assert.equal(isoDate(epochDays(year, month, day)), date.toISOString().slice(0, 10))
  }
  assert.equal(isoDate(epochDays(-4712, 1, 1)), '-4712-01-01')
  assert.equal(isoDate(epochDays(12345, 1, 1)), '+12345-01-01')
  const asDate = (mode: Parameters<typeof dateMapping>[0]) => dateMapping(mode, (raw) => parseDateDays(String(raw)))
  assert.equal(asDate('adaptive').convert('1969-12-31'), -1)
  assert.deepEqual(asDate('connect').convert('1970-01-02'), new Date(86_400_000))
  assert.equal(asDate('isostring').convert('2020-02-03'), '2020-02-03Z')
})

test('times and timestamps in the unit of the mode', () => {
  const micros = (raw: unknown) => parseTimestampMicros(String(raw))
  const at = '2020-01-02 03:04:05.123456'
  const value = (mode: Parameters<typeof timestampMapping>[0], precision: number) =>
    timestampMapping(mode, precision, micros).convert(at)
  assert.equal(value('adaptive', 3), 1577934245123)
  assert.equal(value('adaptive', 6), 1577934245123456)
  assert.equal(value('adaptive', 9), 1577934245123456000n)
  assert.equal(value('microseconds', 0), 1577934245123456)
  assert.deepEqual(value('connect', 6), new Date(1577934245123))
  assert.equal(value('isostring', 6), '2020-01-02T03:04:05.123456Z')
  assert.equal(isoTimestamp(-1_500_000), '1969-12-31T23:59:58.5Z')
  assert.equal(timestampMapping('adaptive', 3, micros).convert('1969-12-31 23:59:59.9999'), -1)
  const time = (mode: Parameters<typeof timeMapping>[0], precision: number) =>
    timeMapping(mode, precision, (raw) => parseTimeMicros(String(raw)))
  assert.equal(time('adaptive', 0).convert('-01:00:00'), -3_600_000)
  assert.equal(time('adaptive_time_microseconds', 0).convert('838:59:59.5'), 3_020_399_500_000)
  assert.equal(time('isostring', 6).convert('01:02:03.5'), '01:02:03.5Z')
  for (const bad of ['', '2020-1', '2020-01-02 3']) assert.throws(() => parseTimestampMicros(bad), /Not a timestamp/)
})
