// Patterns: texts that follow one another, there and back, the two calendars. What the reference prints is in the golden file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DateFormat } from './date-format.ts'

const NEW_YEAR = Date.UTC(2024, 0, 1)

test('texts of moments that follow one another are each their own', () => {
  const iso = new DateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
  const twice = new DateFormat('SSS ss S')
  const minutes = new DateFormat('HH:mm')
  for (const step of [1, 7, 999, 1000, 59_999, 3_600_001, -86_399_999]) {
    for (let at = NEW_YEAR, count = 0; count < 50; at += step, count++) {
      const expected = new Date(at).toISOString()
      assert.equal(iso.format(at), expected)
      assert.equal(minutes.format(at), expected.slice(11, 16))
      assert.equal(
        twice.format(at),
        `${expected.slice(20, 23)} ${expected.slice(17, 19)} ${Number(expected.slice(20, 23))}`,
      )
    }
  }
})

test('what is written is read', () => {
  for (const pattern of [
    "yyyy-MM-dd'T'HH:mm:ss.SSSX",
    'EEE, d MMM yyyy h:mm:ss.SSS a',
    'yyyyMMddHHmmssSSS',
    'G yyyy D k m s S',
  ]) {
    const format = new DateFormat(pattern)
    for (const ms of [0, NEW_YEAR + 123, -1, Date.UTC(1582, 9, 15), Date.UTC(1582, 9, 15) - 1, -20_000_000_000_000]) {
      assert.equal(format.parse(format.format(ms)), ms, `${pattern}: ${format.format(ms)}`)
    }
  }
})

test('years before Christ need their era', () => {
  const format = new DateFormat('d M y G')
  const day = Math.floor(-100_000_000_000_000 / 86_400_000) * 86_400_000
  assert.equal(format.parse(format.format(day)), day)
})

test('the day before the Gregorian calendar is the 4th', () => {
  const format = new DateFormat('yyyy-MM-dd')
  const first = Date.UTC(1582, 9, 15)
  assert.deepEqual([format.format(first), format.format(first - 1)], ['1582-10-15', '1582-10-04'])
})

test('what is no pattern, and what is no such date, is said', () => {
  assert.throws(() => new DateFormat('yyyy-bb'), /Illegal pattern character 'b'/)
  assert.throws(() => new DateFormat("yyyy'"), /Unterminated quote/)
  assert.throws(() => new DateFormat('yyyy-MM-dd').parse('2024/01/01'), /"-" was expected at position 4/)
})
