// What only MySQL 5.6 and later write, from bytes laid out by hand as its documentation says: no such server was at hand.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import zlib from 'node:zlib'
import { unpackPayload } from './compression.ts'
import { Cursor } from './cursor.ts'
import { readGtid, readTaggedGtid } from './events.ts'
import { MysqlGtidSet } from './gtid.ts'
import { MariaDbGtidSet, parseMariaDbGtid } from './gtid-mariadb.ts'
import { jsonText } from './json.ts'
import { applyJsonDiffs, readJsonDiffs } from './json-diff.ts'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562'

describe('binary JSON', () => {
  it('becomes text without blanks', () => {
    // An object of two members: its keys, a number that stands in its entry, an array behind the keys.
    const document = hex('00 0200 2000 12000100 13000100 050100 021400 61 62 0200 0c00 040100 0c0a00 0178')
    assert.equal(jsonText(document), '{"a":1,"b":[true,"x"]}')
    assert.equal(jsonText(hex('0400')), 'null')
    assert.equal(jsonText(hex('0a ffffffffffffffff')), '18446744073709551615')
    assert.equal(jsonText(hex('09 0000000000000080')), '-9223372036854775808')
    assert.equal(jsonText(hex('0c 04 220a0141')), '"\\"\\n\\u0001A"')
    assert.equal(jsonText(Buffer.alloc(0)), 'null')
  })
  it('shows doubles and decimals with all their digits and no exponent', () => {
    const double = (value: number) => {
      const bytes = Buffer.alloc(9)
      bytes[0] = 11
      bytes.writeDoubleLE(value, 1)
      return jsonText(bytes)
    }
    assert.equal(double(0.1), '0.1')
    assert.equal(double(1e22), '10000000000000000000000')
    assert.equal(double(2 ** -20), '0.00000095367431640625')
    assert.equal(jsonText(hex('0f f6 05 0502 807b2d')), '123.45')
  })
  it('shows dates and times as text', () => {
    const packed = (type: number, value: bigint) => {
      const bytes = Buffer.from([0x0f, type, 8, 0, 0, 0, 0, 0, 0, 0, 0])
      bytes.writeBigInt64LE(value, 3)
      return jsonText(bytes)
    }
    const date = ((2015n * 13n + 1n) << 5n) | 15n
    const time = (23n << 12n) | (24n << 6n) | 25n
    assert.equal(packed(12, (((date << 17n) | time) << 24n) | 120_000n), '"2015-01-15 23:24:25.12"')
    assert.equal(packed(10, date << 41n), '"2015-01-15"')
    assert.equal(packed(11, -((time << 24n) | 5n)), '"-23:24:25.000005"')
  })
  it('is refused when it runs beyond its end', () => {
    assert.throws(() => jsonText(hex('0c 7f 41')), RangeError)
    assert.throws(() => jsonText(hex('00 ff00 2000')), RangeError)
  })
})

describe('changes of JSON documents', () => {
  it('are read, and make the new document of the old', () => {
    // replace $.a with 7; remove $.b[0]
    const diffs = readJsonDiffs(new Cursor(hex('10000000 00 03 242e61 03 050700 02 06 242e625b305d')), 4)
    assert.deepEqual(diffs, [
      { operation: 'replace', path: '$.a', value: '7' },
      { operation: 'remove', path: '$.b[0]', value: null },
    ])
    assert.equal(
      applyJsonDiffs('{"a": 1.50, "b": [true, "x,]"], "c": 12345678901234567890}', diffs),
      '{"a":7,"b":["x,]"],"c":12345678901234567890}',
    )
    assert.equal(applyJsonDiffs('{"bb":1}', [{ operation: 'insert', path: '$."a"', value: '[]' }]), '{"a":[],"bb":1}')
    assert.throws(() => applyJsonDiffs('[]', diffs), /where the document before has nothing/)
  })
})

describe('GTIDs of MySQL', () => {
  it('make sets', () => {
    const set = MysqlGtidSet.parse(`${UUID.toUpperCase()}:1-5:7:6,\n${UUID}:tag_1:3`)
    assert.equal(set.toString(), `${UUID}:1-7,${UUID}:tag_1:3`)
    assert.equal(set.subtract(MysqlGtidSet.parse(`${UUID}:3-4`)).toString(), `${UUID}:1-2:5-7,${UUID}:tag_1:3`)
    assert.ok(set.contains(MysqlGtidSet.parse(`${UUID}:2-6`)))
    assert.ok(!set.contains(MysqlGtidSet.parse(`${UUID}:7-8`)))
    assert.equal(set.add(`${UUID}:8`).toString(), `${UUID}:1-8,${UUID}:tag_1:3`)
    assert.ok(set.retainAll((uuid) => uuid !== UUID).isEmpty)
    assert.throws(() => MysqlGtidSet.parse('0-1-2'), RangeError)
  })
  it('are asked for in the form of the dump command', () => {
    const bytes = MysqlGtidSet.parse(`${UUID}:1-5`).toBytes()
    assert.equal(
      bytes.toString('hex'),
      `0100000000000000${UUID.replaceAll('-', '')}010000000000000001000000000000000600000000000000`,
    )
  })
  it('are read from events, with tags too', () => {
    const uuid = UUID.replaceAll('-', '')
    assert.equal(readGtid(hex(`01 ${uuid} 0900000000000000`)).gtid, `${UUID}:9`)
    // Integers below 128 are doubled; larger ones have a low bit of one and another byte. Field 3 is the tag.
    const variable = (value: number) => (value < 128 ? [value << 1] : [((value & 63) << 2) | 1, value >> 6])
    const bytes = [
      0,
      0,
      0,
      0,
      0,
      ...[...hex(uuid)].flatMap(variable),
      4,
      ...variable(300 * 2),
      6,
      ...variable(3),
      ...Buffer.from('tag'),
    ]
    bytes.splice(5, 0, 2)
    assert.equal(readTaggedGtid(Buffer.from(bytes)).gtid, `${UUID}:tag:300`)
  })
})

describe('GTIDs of MariaDB', () => {
  it('make positions', () => {
    const set = MariaDbGtidSet.parse('1-2-5,0-1-7')
    assert.equal(set.toString(), '0-1-7,1-2-5')
    assert.equal(set.add(parseMariaDbGtid('0-1-8')).toString(), '0-1-8,1-2-5')
    assert.equal(set.advance(parseMariaDbGtid('0-9-8')).toString(), '0-9-8,1-2-5')
    assert.ok(set.contains(MariaDbGtidSet.parse('0-1-6')))
    assert.ok(!set.contains(MariaDbGtidSet.parse('0-1-8')))
    assert.equal(set.subtract(MariaDbGtidSet.parse('0-1-9')).toString(), '1-2-5')
  })
})

describe('compressed transactions', { skip: typeof zlib.zstdCompressSync !== 'function' }, () => {
  it('are unpacked', () => {
    const inner = Buffer.from('events, events')
    const packed = zlib.zstdCompressSync(inner)
    const body = Buffer.concat([Buffer.from([2, 1, 0, 3, 1, inner.length, 1, 1, packed.length, 0]), packed])
    assert.deepEqual(unpackPayload(body), inner)
    assert.throws(() => unpackPayload(Buffer.from([2, 1, 9, 0, 1])), /not known: 9/)
  })
})
