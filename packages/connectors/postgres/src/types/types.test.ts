// Texts of the server to values; what a server itself gives is compared in tests/debezium-postgres.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NestedArray, parseArray, parseHstore } from './array.ts'
import { type Decode, decodeBytea, decodeInt, decodeLong, decodeSingle } from './decoder.ts'
import { intervalIso, intervalMicros, parseInterval } from './interval.ts'
import { decimalDecoder, moneyToDecimal, numericTextDecoder, variableScaleDecoder } from './numeric.ts'
import { decodeBits, parseEwkb, parseSparseVector, parseVector } from './special.ts'
import * as temporal from './temporal.ts'

/** Decodes text in the middle of other bytes. */
const decode = (how: Decode, text: string): unknown => {
  const bytes = Buffer.from(`9${text}9`)
  return how(bytes, 1, bytes.length - 1)
}

describe('numbers', () => {
  it('are exact', () => {
    assert.equal(decode(decodeInt, '-2147483648'), -2_147_483_648)
    for (const text of ['0', '-1', '999999999999999', '9007199254740991', '-9007199254740991'])
      assert.equal(decode(decodeLong, text), Number(text))
    for (const text of ['9007199254740993', '9223372036854775807', '-9223372036854775808'])
      assert.equal(decode(decodeLong, text), BigInt(text))
    assert.equal(decode(decodeSingle, '0.1'), Math.fround(0.1))
    assert.ok(Number.isNaN(decode(decodeSingle, 'NaN')))
  })

  it('have their scale', () => {
    for (const text of ['0.00', '-0.01', '12.34', '123456789012345678901234567890.12', '-99999999999999.99']) {
      assert.equal(String(decode(decimalDecoder('c', 2), text)), text === '0.00' ? '0.00' : text)
    }
    assert.equal(String(decode(decimalDecoder('c', 2), '7')), '7.00')
    assert.throws(() => decode(decimalDecoder('c', 2), 'NaN'), /column c holds NaN/)
    assert.deepEqual(decode(variableScaleDecoder('c'), '1.500'), { scale: 1, value: Buffer.from([15]) })
    assert.deepEqual(decode(variableScaleDecoder('c'), '1000'), { scale: 0, value: Buffer.from([3, 232]) })
    assert.equal(decode(numericTextDecoder(2), '-Infinity'), 'NEGATIVE_INFINITY')
    assert.equal(decode(numericTextDecoder(2), '-1.5'), '-1.50')
    assert.equal(decode(numericTextDecoder(2), '7'), '7.00')
  })

  it('of money come without signs and separators', () => {
    for (const [text, plain] of [
      ['$1,234,567.89', '1234567.89'],
      ['-$0.05', '-0.05'],
      ['($12.00)', '-12.00'],
      ['1.234,50 €', '1234.50'],
    ] as const) {
      assert.equal(moneyToDecimal(text.replace(' €', ''), 2).toPlainString(), plain)
    }
    assert.equal(moneyToDecimal('$1.25', 1).toPlainString(), '1.3')
  })
})

describe('dates and times', () => {
  it('count from 1970, before and after it', () => {
    for (const iso of ['1970-01-01', '1969-12-31', '2000-02-29', '1600-03-01', '0001-01-01', '9999-12-31']) {
      assert.equal(decode(temporal.decodeDate, iso), Date.parse(`${iso}T00:00:00Z`) / 86_400_000)
      const days = decode(temporal.decodeDate, iso) as number
      assert.deepEqual(temporal.civilFromDays(days), iso.split('-').map(Number))
    }
    assert.equal(decode(temporal.decodeDate, '0044-03-15 BC'), -735_160)
    assert.equal(decode(temporal.decodeTimestampMicros, '1969-12-31 23:59:59.999999'), -1)
    assert.equal(decode(temporal.decodeTimestampMillis, '1969-12-31 23:59:59.9999'), -1)
    assert.equal(decode(temporal.decodeTimestampMicros, '9999-12-31 23:59:59.5'), 253_402_300_799_500_000n)
    assert.equal(decode(temporal.decodeTimestampNanos, '1970-01-01 00:00:00.000001'), 1000n)
    assert.equal(decode(temporal.decodeTimestampMicros, 'infinity'), 9_223_372_036_825_200_000n)
    assert.equal(decode(temporal.decodeTimeMicros, '24:00:00'), 86_400_000_000)
  })

  it('with zones are in UTC', () => {
    const plain = temporal.timestampTzDecoder(6)
    assert.equal(decode(plain, '2024-02-29 12:34:56.789+05:30'), '2024-02-29T07:04:56.789000Z')
    assert.equal(decode(plain, '2024-01-01 00:30:00+01'), '2023-12-31T23:30:00.000000Z')
    assert.equal(decode(plain, '0044-03-15 12:00:00+00 BC'), '-0043-03-15T12:00:00.000000Z')
    assert.equal(decode(temporal.timestampTzDecoder(0), '2024-01-01 00:00:00+00'), '2024-01-01T00:00:00Z')
    assert.equal(decode(temporal.decodeTimeTz, '00:00:00-11:30'), '11:30:00Z')
    assert.equal(decode(temporal.decodeTimeTz, '12:34:56.7+02'), '10:34:56.7Z')
  })

  it('as intervals keep signs of their parts', () => {
    assert.deepEqual(parseInterval('-1 years -2 mons +3 days -04:05:06.7'), {
      years: -1,
      months: -2,
      days: 3,
      hours: -4,
      minutes: -5,
      seconds: -6.7,
    })
    assert.equal(intervalMicros('1 year 2 mons 3 days 04:05:06.78'), 37_091_106_780_000)
    assert.equal(intervalMicros('-00:00:00.000001'), -1)
    assert.equal(intervalMicros('178000000 years'), 9_223_372_036_854_775_807n)
    assert.equal(intervalIso('1 year 2 mons 3 days 04:05:06.78'), 'P1Y2M3DT4H5M6.78S')
    assert.equal(intervalIso('00:00:00'), 'P0Y0M0DT0H0M0S')
  })
})

describe('composed values', () => {
  it('of arrays', () => {
    assert.deepEqual(parseArray('{}'), [])
    assert.deepEqual(parseArray('{1,NULL,"NULL","a,b","c\\"d\\\\",""}'), ['1', null, 'NULL', 'a,b', 'c"d\\', ''])
    assert.deepEqual(parseArray('[0:1]={1,2}'), ['1', '2'])
    assert.deepEqual(parseArray('{{1,2},{"}",4}}'), [new NestedArray('{1,2}'), new NestedArray('{"}",4}')])
  })

  it('of hstore', () => {
    assert.deepEqual(
      [...parseHstore('"a"=>"1", "b"=>NULL, "c \\"d"=>"x=>y"')],
      [
        ['a', '1'],
        ['b', null],
        ['c "d', 'x=>y'],
      ],
    )
    assert.deepEqual([...parseHstore('')], [])
  })

  it('of bits and bytes', () => {
    assert.deepEqual(decode(decodeBits, '1111111100000001'), Buffer.from([1, 255]))
    assert.deepEqual(decode(decodeBits, '0000'), Buffer.alloc(0))
    assert.deepEqual(decode(decodeBytea, '\\x00ff'), Buffer.from([0, 255]))
    assert.deepEqual(decode(decodeBytea, 'a\\\\b\\001'), Buffer.from('a\\b\u0001'))
  })

  it('of shapes and vectors', () => {
    const { wkb, srid } = parseEwkb('0101000020e6100000000000000000f03f0000000000000040')
    assert.deepEqual([srid, (wkb as Buffer).length], [4326, 25])
    assert.deepEqual(parseVector('[1,2.5]'), [1, 2.5])
    assert.deepEqual(parseSparseVector('{1:0.5,3:2}/5'), {
      dimensions: 5,
      vector: new Map([
        [1, 0.5],
        [3, 2],
      ]),
    })
  })
})
