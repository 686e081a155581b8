// Dates, calendars and zones, against what is known of them.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { daysOf, formatDays, formatInstant, formatTime, parseMoment, zoneOf } from './temporal.ts'

const utc = zoneOf('UTC')

describe('dates', () => {
  it('are written on both calendars', () => {
    assert.equal(formatDays(0, 'proleptic'), '1970-01-01')
    assert.equal(formatDays(-141_427, 'hybrid'), '1582-10-15')
    // The day before was the fourth of October to those who lived then.
    assert.equal(formatDays(-141_428, 'hybrid'), '1582-10-04')
    assert.equal(formatDays(-141_428, 'proleptic'), '1582-10-14')
    assert.equal(formatDays(daysOf(1500, 1, 1, 'proleptic'), 'hybrid'), '1499-12-23')
    assert.equal(formatDays(2_932_896, 'proleptic'), '9999-12-31')
  })

  it('are read back on both calendars', () => {
    for (let days = -900_000; days < 900_000; days += 997) {
      for (const calendar of ['hybrid', 'proleptic'] as const) {
        const text = formatDays(days, calendar)
        assert.equal(parseMoment(text, calendar)?.ms, days * 86_400_000, text)
      }
    }
  })
})

describe('instants', () => {
  it('keep what is below the millisecond, before the epoch too', () => {
    assert.equal(formatInstant(-1n, 'ns', utc, 'proleptic'), '1969-12-31 23:59:59.999999999')
    assert.equal(formatInstant(-1, 'us', utc, 'proleptic'), '1969-12-31 23:59:59.999999')
    assert.equal(formatInstant(9_007_199_254_740_993n, 'us', utc, 'proleptic'), '2255-06-05 23:47:34.740993')
    assert.equal(formatTime(86_399_999_999, 'us'), '23:59:59.999999')
    assert.equal(formatTime(86_400_000, 'ms'), '24:00:00.000')
  })

  it('are local in a zone, and come back from there', () => {
    const berlin = zoneOf('Europe/Berlin')
    assert.equal(
      formatInstant(Date.parse('2024-07-01T10:00:00Z'), 'ms', berlin, 'proleptic'),
      '2024-07-01 12:00:00.000',
    )
    assert.equal(
      formatInstant(Date.parse('2024-01-01T10:00:00Z'), 'ms', berlin, 'proleptic'),
      '2024-01-01 11:00:00.000',
    )
    for (let ms = Date.parse('2024-03-30T00:00:00Z'); ms < Date.parse('2024-04-02T00:00:00Z'); ms += 937_000) {
      assert.equal(berlin.instant(ms + berlin.offset(ms)), ms)
    }
    assert.equal(zoneOf('+05:30').offset(0), 19_800_000)
    assert.equal(zoneOf('GMT-8').offset(0), -28_800_000)
    assert.throws(() => zoneOf('Mars/Olympus'), RangeError)
  })

  it('are read in the forms that databases write', () => {
    const at = (text: string) => {
      const found = parseMoment(text, 'proleptic')
      return found && [new Date(found.ms).toISOString(), found.nanos, found.offset]
    }
    assert.deepEqual(at('2024-02-29 12:34:56.789012+05:30'), ['2024-02-29T12:34:56.789Z', 12_000, 19_800_000])
    assert.deepEqual(at('2024-02-29T12:34:56Z'), ['2024-02-29T12:34:56.000Z', 0, 0])
    assert.deepEqual(at('0044-03-15 BC'), ['-000043-03-15T00:00:00.000Z', 0, null])
    for (const text of ['infinity', '0000-00-00 00:00:00', 'yesterday']) assert.equal(at(text), undefined)
  })
})
