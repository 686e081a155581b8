// Time zones where clocks are put on and back, texts of times, and what TimezoneConverter leaves alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConnectRecord, SchemaBuilder, Schemas, SinkRecord } from '@millrace/api'
import { formatDateTime, formatTime, parseDateTime, parseTime, withOffset } from './iso-times.ts'
import { TimeZone } from './time-zone.ts'
import { TimezoneConverter } from './timezone-converter.ts'

const HOUR = 3_600_000

test('offsets at instants and at local times, also those that come twice or never', () => {
  const zone = new TimeZone('Europe/Amsterdam')
  assert.equal(zone.offsetAt(Date.UTC(2024, 2, 31, 0, 59, 59)), HOUR)
  assert.equal(zone.offsetAt(Date.UTC(2024, 2, 31, 1)), 2 * HOUR)
  // 02:30 was skipped in March and came twice in October: the offset before counts.
  assert.equal(zone.offsetAtLocal(Date.UTC(2024, 2, 31, 2, 30)), HOUR)
  assert.equal(zone.offsetAtLocal(Date.UTC(2024, 9, 27, 2, 30)), 2 * HOUR)
  assert.equal(zone.offsetAtLocal(Date.UTC(2024, 9, 27, 3, 30)), HOUR)
  assert.equal(new TimeZone('-08:30').offsetAt(0), -8.5 * HOUR)
  for (const wrong of ['+19:00', 'noon', '+08:61', '']) assert.throws(() => new TimeZone(wrong), RangeError, wrong)
})

test('texts of times come back as they went in, under another offset', () => {
  const text = '1999-12-31T23:59:59.123456789+09:00'
  const time = parseDateTime(text)
  assert.ok(time !== undefined)
  assert.equal(formatDateTime(time), text)
  assert.equal(formatDateTime(withOffset(time, -HOUR / 2)), '1999-12-31T14:29:59.123456789-00:30')
  const alone = parseTime('10:15Z')
  assert.ok(alone !== undefined)
  assert.equal(formatTime(withOffset(alone, HOUR)), '11:15:00+01:00')
  for (const wrong of ['2024-02-30T00:00Z', '2024-01-01', '2024-01-01T24:00Z', 'x'])
    assert.equal(parseDateTime(wrong), undefined)
})

test('records that are no change events, and numbers beyond doubles', () => {
  const converter = new TimezoneConverter()
  converter.configure({ 'converted.timezone': '+01:00' })
  const row = SchemaBuilder.struct()
    .optional()
    .field('at', SchemaBuilder.int64().name('io.debezium.time.NanoTimestamp').build())
    .build()
  const event = (name: string, at: number | bigint): ConnectRecord => {
    const schema = SchemaBuilder.struct()
      .name(name)
      .field('before', row)
      .field('after', row)
      .field('op', Schemas.STRING)
      .build()
    return new SinkRecord('t', 0, null, null, schema, { before: null, after: { at }, op: 'c' }, 0)
  }
  const other = event('other', 1)
  assert.equal(converter.apply(other), other)
  const converted = converter.apply(event('t.Envelope', 9_007_199_254_740_993n)).value as { after: { at: bigint } }
  assert.equal(converted.after.at, 9_003_599_254_740_993 as unknown as bigint)
  const beyond = converter.apply(event('t.Envelope', 1_700_000_000_000_000_001n)).value as { after: { at: bigint } }
  assert.equal(beyond.after.at, 1_699_996_400_000_000_001n)
})
