// The bytes, against another implementation's: what it writes is read, what is written it reads, whatever the order or form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataException, type Schema } from '@millrace/api'
import { Random } from '@millrace/testkit'
import protobuf from 'protobufjs'
import { toConnectSchema } from './schema-in.ts'
import { messageOf, optionsOf, read, write } from './testing/texts.ts'
import { MAX_DEPTH } from './wire.ts'

const SCALARS = [
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
] as const
const ALL = `syntax = "proto3"; package t;
message All {
  ${SCALARS.map((scalar, at) => `${scalar} f_${scalar} = ${at + 1};`).join('\n')}
  ${SCALARS.map((scalar, at) => `repeated ${scalar} r_${scalar} = ${at + 101};`).join('\n')}
  ${SCALARS.map((scalar, at) => `optional ${scalar} o_${scalar} = ${at + 201};`).join('\n')}
  map<string, int64> by_name = 301;
  map<int32, All> by_number = 302;
  All inner = 303;
  repeated All more = 304;
  Color color = 305;
  repeated Color colors = 306;
  oneof one { string text = 307; int64 number = 308; All all = 309; Color paint = 310; }
  enum Color { RED = 0; BLUE = 2; GREEN = -1; }
}`
const message = messageOf(ALL)
const schema = toConnectSchema(message, null, optionsOf())
const oracle = protobuf.parse(ALL, { keepCase: true }).root.lookupType('t.All')

const INT64S = [
  0,
  1,
  -1,
  127,
  128,
  2 ** 31,
  -(2 ** 31),
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
]
/** From `low` to `high`, both included. */
function int(random: Random, low: number, high: number): number {
  return low + random.below(high - low + 1)
}
function scalarOf(random: Random, scalar: (typeof SCALARS)[number]): unknown {
  switch (scalar) {
    case 'double':
      return random.pick([0, -0, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, 1e300, random.next()])
    case 'float':
      return random.pick([0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Math.fround(random.next())])
    case 'bool':
      return random.chance(0.5)
    case 'string':
      return random.pick(['', 'a', 'ü 日 😀', 'x'.repeat(int(random, 0, 300)), '\u0000', '\ufffd'])
    case 'bytes':
      return Buffer.alloc(int(random, 0, 5), int(random, 0, 255))
    case 'uint32':
    case 'fixed32':
      return random.pick([0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1, int(random, 0, 2 ** 32 - 1)])
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return random.pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), int(random, -300, 300)])
    default:
      return random.pick([...INT64S, int(random, -(2 ** 40), 2 ** 40)])
  }
}
/** What a struct has for each field; unset members as the reader gives them. */
function allOf(random: Random, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  const inner = () => allOf(random, depth - 1)
  const list = (item: () => unknown) => Array.from({ length: int(random, 0, 4) }, item)
  const color = () => random.pick(['RED', 'BLUE', 'GREEN'])
  const one = int(random, 0, depth > 0 ? 4 : 3)
  const members = ['text', 'number', 'paint', 'all']
  value.one_0 =
    one === 0
      ? null
      : Object.fromEntries(
          ['text', 'number', 'all', 'paint'].map((name) => [
            name,
            name !== members[one - 1]
              ? null
              : name === 'text'
                ? scalarOf(random, 'string')
                : name === 'number'
                  ? scalarOf(random, 'int64')
                  : name === 'paint'
                    ? color()
                    : inner(),
          ]),
        )
  for (const scalar of SCALARS) value[`f_${scalar}`] = scalarOf(random, scalar)
  for (const scalar of SCALARS) value[`r_${scalar}`] = list(() => scalarOf(random, scalar))
  for (const scalar of SCALARS) value[`o_${scalar}`] = random.chance(0.5) ? null : scalarOf(random, scalar)
  value.by_name = new Map(list(() => scalarOf(random, 'int64')).map((item, at) => [`k${at}`, item]))
  value.by_number = new Map(depth > 0 ? list(inner).map((item, at) => [at - 1, item]) : [])
  value.inner = depth > 0 && random.chance(0.6) ? inner() : null
  value.more = depth > 0 ? list(inner) : []
  value.color = color()
  value.colors = list(color)
  return value
}

/** A value as the other implementation's objects have it: 64 bits as texts. */
function plain(value: unknown): unknown {
  if (value === null || value === undefined) return undefined
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object') {
    const entries = Object.entries(value).flatMap(([key, item]) =>
      key === 'one_0' ? Object.entries(item ?? {}) : [[key, item]],
    )
    return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]).filter(([, item]) => item !== undefined))
  }
  return value
}
const unsigned = (name: string, text: string) =>
  /uint64|(^|_)fixed64/.test(name) ? BigInt.asIntN(64, BigInt(text)).toString() : text
/** Numbers of 64 bits as texts, whatever stood for them; signed. */
function texts(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => texts(item, name))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, texts(item, name === 'by_name' ? name : key)]),
    )
  }
  return /64|number|by_name/.test(name) ? unsigned(name, String(value)) : value
}

test('another implementation reads what is written, and writes what is read, byte by byte', () => {
  const random = new Random(7)
  for (let left = 60; left > 0; left--) {
    const value = allOf(random, 2)
    const bytes = write(schema, message, value)
    const decoded = oracle.decode(bytes)
    const seen = oracle.toObject(decoded, {
      longs: String,
      enums: String,
      bytes: String,
      defaults: true,
      arrays: true,
      objects: true,
    })
    const wanted = texts(plain(value)) as Record<string, unknown>
    for (const [name, item] of Object.entries(wanted)) {
      if (name === 'inner' || name === 'more' || name === 'by_number' || name === 'all') continue
      assert.deepEqual(texts(seen[name], name), item, name)
    }
    assert.deepEqual(read(message, bytes).value, value)
    // Its bytes of the same message, in its own order.
    assert.deepEqual(read(message, oracle.encode(decoded).finish()).value, value)
  }
})

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const one = (text: string, bytes: string, configs = {}) => {
  const message = messageOf(`syntax = "proto3"; message M { ${text} }`)
  return read(message, hex(bytes), configs).value as Record<string, unknown>
}
const fails = (text: string, bytes: string, what: RegExp) =>
  assert.throws(
    () => one(text, bytes),
    (error) => error instanceof DataException && what.test(error.message),
  )

test('lists are read in runs or one by one, whatever the schema says', () => {
  assert.deepEqual(one('repeated int32 a = 1;', '08 01 0a 02 02 03 08 04'), { a: [1, 2, 3, 4] })
  assert.deepEqual(one('repeated sint64 a = 1 [packed = false];', '0a 02 01 02'), { a: [-1, 1] })
  assert.deepEqual(one('repeated double a = 1;', '0a 00'), { a: [] })
  fails('repeated fixed32 a = 1;', '0a 03 010203', /the bytes end within a value: 4 more expected, 3 left.* in M\.a/)
  // A run of what cannot stand in one, or where there is one value, is no value at all.
  assert.deepEqual(one('int32 a = 1;', '0a 02 02 03 08 04'), { a: 4 })
})

test('the last of several values counts, and messages in pieces are one', () => {
  const text = 'int32 a = 1; M inner = 2; repeated int32 l = 3; oneof o { string s = 4; M m = 5; }'
  assert.equal(one(text, '08 01 08 02').a, 2)
  assert.deepEqual(one(text, '12 02 08 01 12 02 18 05 08 09 12 04 08 02 18 06').inner, {
    o_0: null,
    a: 2,
    inner: null,
    l: [5, 6],
  })
  assert.deepEqual(one(text, '22 01 61 2a 02 18 01 2a 02 18 02').o_0, {
    s: null,
    m: { o_0: null, a: 0, inner: null, l: [1, 2] },
  })
  // Another member in between ends the first.
  assert.deepEqual(one(text, '2a 02 18 01 22 01 61 2a 02 18 02').o_0, {
    s: null,
    m: { o_0: null, a: 0, inner: null, l: [2] },
  })
  assert.deepEqual(one(text, '2a 00 22 00').o_0, { s: '', m: null })
})

test('pieces within pieces take no more time than bytes', () => {
  const message = messageOf('syntax = "proto3"; message M { M m = 1; int32 a = 2; }')
  let bytes = hex('10 07')
  const nest = (content: Buffer) => {
    const size: number[] = []
    for (let rest = content.length; ; rest >>>= 7) {
      size.push(rest > 127 ? (rest & 127) | 128 : rest)
      if (rest <= 127) break
    }
    return Buffer.concat([Buffer.from([10, ...size]), content, hex('0a 00')])
  }
  for (let left = MAX_DEPTH - 1; left > 0; left--) bytes = nest(bytes)
  interface Nested {
    readonly m: Nested | null
    readonly a: number
  }
  let value = read(message, bytes).value as Nested
  while (value.m !== null) value = value.m
  assert.equal(value.a, 7)
  assert.throws(() => read(message, nest(nest(bytes))), /deeper than 100/)
})

test('unknown fields of all kinds are stepped over', () => {
  const unknown = '08 ffffffffffffffffff01 11 0102030405060708 1a 02 6162 25 01020304'
  assert.deepEqual(one('int32 z = 15;', `${unknown} 2b ${unknown} 33 34 2c 78 05`), { z: 5 })
  fails('int32 z = 15;', '2b 08 01', /end within|0 more|number/)
  fails('int32 z = 15;', '2b 34', /ends under another number/)
  fails('int32 z = 15;', '2c', /a group ends that did not begin/)
  fails('int32 z = 15;', '0e', /wire type 6/)
  fails('int32 z = 15;', '00', /field number 0/)
  fails('int32 z = 15;', '0b'.repeat(200), /deeper than 100/)
})

test('numbers may be longer than they need be, but not longer than ten bytes', () => {
  assert.deepEqual(one('int32 a = 1; bool b = 2;', '88 80 00 85 80 80 80 80 80 80 80 80 00 10 80 01'), {
    a: 5,
    b: true,
  })
  assert.equal(one('int32 a = 1;', '08 80 80 80 80 f0 ff ff ff ff 01').a, 0)
  fails('int32 a = 1;', '08 ffffffffffffffffffff01', /longer than 10 bytes.* in M\.a/)
  fails('int64 a = 1;', '08 ffffffffffffffffffff01', /longer than 10 bytes/)
})

test('texts that are no UTF-8 are refused in proto3 and mended in proto2', () => {
  fails('string a = 1;', '0a 02 61 ff', /not valid UTF-8.* in M\.a/)
  assert.equal(one('string a = 1;', '0a 03 efbfbd').a, '\ufffd')
  const old = messageOf('syntax = "proto2"; message M { optional string a = 1; }')
  assert.deepEqual(read(old, hex('0a 02 61 ff')).value, { a: 'a\ufffd' })
})

test('numbers that an enumeration does not have', () => {
  const values = 'enum E { A = 0; B = 1; } '
  const names = one(`${values} E e = 1; repeated E l = 2;`, '08 05 12 02 01 07')
  assert.deepEqual(names, { e: 'UNKNOWN_ENUM_VALUE_E_5', l: ['B', 'UNKNOWN_ENUM_VALUE_E_7'] })
  assert.deepEqual(one(`${values} E e = 1;`, '08 05', { 'int.for.enums': 'true' }), { e: 5 })
  // Closed enumerations keep them out.
  const old = messageOf(`syntax = "proto2"; message M { ${values} optional E e = 1; repeated E l = 2; }`)
  assert.deepEqual(read(old, hex('08 01 08 05 12 02 01 07')).value, { e: 'B', l: ['B'] })
})

test('required fields and defaults of proto2', () => {
  const old = messageOf(`syntax = "proto2"; message M {
    required int32 r = 1; optional string s = 2 [default = "x"]; optional sint64 n = 3 [default = -9007199254740993];
    optional bytes b = 4 [default = "\\001a"]; optional float f = 5 [default = inf]; optional M m = 6;
  }`)
  assert.throws(() => read(old, hex('12 00')), /required field r of M is missing/)
  assert.throws(() => read(old, hex('08 01 32 00')), /required field r of M is missing/)
  assert.deepEqual(read(old, hex('08 01')).value, { r: 1, s: null, n: null, b: null, f: null, m: null })
  assert.deepEqual(read(old, hex('08 01'), { 'optional.for.proto2': 'false' }).value, {
    r: 1,
    s: 'x',
    n: -9007199254740993n,
    b: Buffer.from('\x01a'),
    f: Number.POSITIVE_INFINITY,
    m: null,
  })
})

test('entries of maps without a key or a value have the default of its type, and the last of a key counts', () => {
  const text = 'map<string, int32> m = 1; map<bool, M> s = 2;'
  assert.deepEqual(
    one(text, '0a 00 0a 03 0a 01 61 0a 05 10 07 0a 01 62 0a 05 0a 01 61 10 08').m,
    new Map([
      ['', 0],
      ['a', 8],
      ['b', 7],
    ]),
  )
  const { s } = one(text, '12 02 08 01')
  assert.deepEqual(s, new Map([[true, { m: new Map(), s: new Map() }]]))
})

test('any bytes are read, or refused with a DataException, cut off anywhere or changed', () => {
  const random = new Random(11)
  for (let left = 40; left > 0; left--) {
    const bytes = write(schema as Schema, message, allOf(random, 1))
    for (let tries = 60; tries > 0; tries--) {
      const changed = Buffer.from(bytes.subarray(0, random.chance(0.5) ? bytes.length : int(random, 0, bytes.length)))
      for (let more = int(random, 0, 3); more > 0 && changed.length > 0; more--) {
        changed[int(random, 0, changed.length - 1)] = int(random, 0, 255)
      }
      try {
        read(message, changed)
      } catch (error) {
        assert.ok(error instanceof DataException, String(error))
        assert.match(error.message, / in t\.All/)
      }
    }
  }
})
