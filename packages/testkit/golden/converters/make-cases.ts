// Writes cases.json: what the reference's converters are asked. Run it, then GoldenConverters.java, after changing a list here.
import { writeFileSync } from 'node:fs'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
interface Case {
  /** write, read: JsonConverter; parse, text: Values; string: StringConverter. */
  kind: 'write' | 'read' | 'parse' | 'text' | 'string'
  options?: Record<string, string>
  /** Connect's JSON form of a schema. */
  schema?: Json
  /** A tagged value: {"i8":"1"}, {"s":"text"}, {"l":[...]}, {"m":[[key,value]...]}, {"st":{field:value}}, {"y":base64}, {"dec":"1.50"}, {"d":ms}. */
  value?: Json
  /** Text to read, or {"hex":...}. */
  text?: Json
}

const cases: Case[] = []
const PLAIN = { 'schemas.enable': 'false' }
const NUMERIC = { 'decimal.format': 'numeric' }
const KEEP = { 'replace.null.with.default': 'false' }
const both = (one: Case) => cases.push(one, { ...one, options: { ...one.options, ...PLAIN } })

const type = (name: string, more: Record<string, Json> = {}): Json => ({ type: name, optional: false, ...more })
const logical = (name: string, base: string, more: Record<string, Json> = {}): Json =>
  type(base, { name: `org.apache.kafka.connect.data.${name}`, version: 1, ...more })
const decimal = (scale: number, more = {}) =>
  logical('Decimal', 'bytes', { parameters: { scale: String(scale) }, ...more })
const array = (items: Json, more = {}) => type('array', { items, ...more })
const map = (keys: Json, values: Json, more = {}) => type('map', { keys, values, ...more })
const struct = (fields: Record<string, Json>, more = {}) =>
  type('struct', {
    fields: Object.entries(fields).map(([field, schema]) => ({ ...(schema as object), field })),
    ...more,
  })

const INT64 = [
  '0',
  '1',
  '-1',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '1700000000000000000',
]
// Doubles and floats whose text is the same before and after Java 19.
const DOUBLES = [
  '0.0',
  '-0.0',
  '1.0',
  '10.0',
  '0.1',
  '1.5',
  '-2.25',
  '0.001',
  '9.99E-4',
  '1.0E-5',
  '9999999.0',
  '1.0E7',
  '12345678.9',
  '1.0E10',
  '1.0E21',
  '1.7976931348623157E308',
  '4.9E-324',
  '2.2250738585072014E-308',
  '3.141592653589793',
  'NaN',
  'Infinity',
  '-Infinity',
  '123456.789',
  '1.0E-300',
]
const FLOATS = [
  '0.0',
  '-0.0',
  '1.0',
  '0.1',
  '1.1',
  '3.4028235E38',
  '1.4E-45',
  '0.001',
  '1.0E-5',
  '9999999.0',
  '1.0E7',
  '1.6777216E7',
  '3.1415927',
  'NaN',
  'Infinity',
  '0.33333334',
  '123.456',
]
const STRINGS = [
  '',
  'plain',
  'with "quotes" and \\',
  '/slash',
  'tab\tnew\nline\r\b\f',
  '\u0000\u0001\u001f\u007f',
  'é ü ß',
  '日本語',
  '😀',
  '\u2028\u2029',
  '</script>',
  'null',
  '\\u001f',
]

// ---- JsonConverter, writing
both({ kind: 'write', value: null })
for (const name of ['int8', 'int16', 'int32', 'int64', 'float', 'double', 'boolean', 'string', 'bytes']) {
  both({ kind: 'write', schema: type(name, { optional: true }), value: null })
  both({ kind: 'write', schema: type(name), value: null })
  both({ kind: 'read', text: JSON.stringify({ schema: type(name), payload: null }) })
  both({ kind: 'read', text: JSON.stringify({ schema: type(name, { optional: true }), payload: null }) })
  for (const payload of [
    '1',
    '-1.9',
    '300',
    '70000',
    '3000000000',
    '9223372036854775807',
    '9223372036854775808',
    '1.5',
    '1e2',
    'true',
    'false',
    '"text"',
    '"AQID"',
    '"5"',
    '[]',
    '{}',
    '[1]',
    '0',
    '"bad base64!"',
    '"QQ"',
    '"QQ=="',
    '"Q Q=="',
    '""',
    '-0',
    '-0.0',
    '0.1',
  ]) {
    cases.push({
      kind: 'read',
      text: `{"schema":${JSON.stringify(type(name, { optional: true }))},"payload":${payload}}`,
    })
  }
}
for (const [tag, name, values] of [
  ['i8', 'int8', ['0', '127', '-128']],
  ['i16', 'int16', ['0', '32767', '-32768']],
  ['i32', 'int32', ['0', '2147483647', '-2147483648']],
  ['i64', 'int64', INT64],
  ['f32', 'float', FLOATS],
  ['f64', 'double', DOUBLES],
  ['s', 'string', STRINGS],
  ['y', 'bytes', ['', 'AQID', '/+8=', 'AAAA']],
] as const) {
  for (const one of values) both({ kind: 'write', schema: type(name), value: { [tag]: one } })
}
for (const one of ['i64', 's', 'b', 'y', 'f64']) {
  for (const name of ['int32', 'string', 'boolean', 'double', 'array', 'map', 'struct']) {
    if (
      (one === 's' && name === 'string') ||
      (one === 'b' && name === 'boolean') ||
      (one === 'f64' && name === 'double')
    )
      continue
    if (one === 'i64' && (name === 'int32' || name === 'double')) continue // without classes, 5 is an int32 and a double
    if (one === 'f64' && name === 'int32') continue
    const schema =
      name === 'array'
        ? array(type('string'))
        : name === 'map'
          ? map(type('string'), type('string'))
          : name === 'struct'
            ? struct({ a: type('string') })
            : type(name)
    cases.push({
      kind: 'write',
      options: PLAIN,
      schema,
      value: { [one]: one === 'b' ? true : one === 's' ? 'text' : one === 'y' ? 'AQID' : one === 'f64' ? '1.5' : '5' },
    })
  }
}
for (const value of [true, false]) both({ kind: 'write', schema: type('boolean'), value: { b: value } })
for (const text of [
  '0',
  '1',
  '-1',
  '1.50',
  '0.00',
  '123456789012345678901234567890.123456',
  '-0.01',
  '1E+3',
  '0E-8',
  '255',
  '256',
  '-128',
  '-129',
  '65535',
]) {
  const scale = /E\+/.test(text) ? -3 : text.includes('E-8') ? 8 : (text.split('.')[1]?.length ?? 0)
  both({ kind: 'write', schema: decimal(scale), value: { dec: text } })
  both({ kind: 'write', options: NUMERIC, schema: decimal(scale), value: { dec: text } })
  cases.push({ kind: 'read', text: `{"schema":${JSON.stringify(decimal(2))},"payload":${text}}` })
}
cases.push({ kind: 'write', options: PLAIN, schema: decimal(1), value: { dec: '1.50' } })
cases.push({ kind: 'write', options: PLAIN, schema: decimal(2), value: { s: '1.50' } })
for (const payload of ['"AJY="', '"lg=="', '""', 'true', '[]', '"%%"', '"lg"']) {
  cases.push({ kind: 'read', text: `{"schema":${JSON.stringify(decimal(2))},"payload":${payload}}` })
}
for (const [name, base, values] of [
  ['Date', 'int32', [0, 86_400_000, -86_400_000, 1]],
  ['Time', 'int32', [0, 1, 86_399_999, 86_400_000, 86_400_001, -1]],
  ['Timestamp', 'int64', [0, 1, -1, 1_700_000_000_123]],
] as const) {
  for (const ms of values) both({ kind: 'write', schema: logical(name, base), value: { d: ms } })
  cases.push({ kind: 'write', schema: logical(name, base), value: { i64: '5' } })
  both({ kind: 'write', schema: logical(name, base, { optional: true }), value: null })
  for (const payload of [
    '0',
    '19000',
    '-1',
    '86400000',
    '86400001',
    '"0"',
    'true',
    '1.5',
    '3000000000',
    'null',
    '1700000000123',
  ]) {
    cases.push({ kind: 'read', text: `{"schema":${JSON.stringify(logical(name, base))},"payload":${payload}}` })
  }
}
const person = struct(
  {
    id: type('int64'),
    name: type('string', { optional: true }),
    score: type('double', { default: 1.5 }),
    tags: array(type('string'), { optional: true }),
    props: map(type('string'), type('int32'), { optional: true }),
    at: logical('Timestamp', 'int64', { optional: true }),
    inner: struct(
      { flag: type('boolean'), raw: type('bytes', { optional: true, doc: 'bytes' }) },
      { optional: true, name: 'x.Inner', version: 3, doc: 'an inner "struct"' },
    ),
  },
  { name: 'x.Person', parameters: { a: '1', b: 'zwei' } },
)
const persons: Json[] = [
  { id: { i64: '1' }, name: { s: 'Ann' }, score: { f64: '2.5' } },
  {
    id: { i64: '9007199254740993' },
    name: { s: '"q"\n' },
    score: { f64: '2.0' },
    tags: { l: [{ s: 'a' }, { s: 'b' }] },
    props: { m: [[{ s: 'k' }, { i32: '1' }]] },
    at: { d: 1_700_000_000_000 },
    inner: { st: { flag: { b: true }, raw: { y: 'AQID' } } },
  },
  { id: { i64: '2' }, tags: { l: [] }, props: { m: [] } },
]
for (const st of persons)
  for (const options of [{}, KEEP, PLAIN]) cases.push({ kind: 'write', options, schema: person, value: { st } })
cases.push({ kind: 'write', schema: map(type('int32'), type('string')), value: { m: [[{ i32: '1' }, { s: 'a' }]] } })
cases.push({
  kind: 'write',
  schema: map(struct({ a: type('int32') }), type('string', { optional: true })),
  value: { m: [[{ st: { a: { i32: '1' } } }, null]] },
})
cases.push({
  kind: 'write',
  schema: map(type('string', { optional: true }), type('int32')),
  value: { m: [[null, { i32: '1' }]] },
})
cases.push({
  kind: 'write',
  schema: array(array(type('float'))),
  value: { l: [{ l: [{ f32: '1.1' }, { f32: '2.0' }] }, { l: [] }] },
})
cases.push({ kind: 'write', schema: array(type('int32', { optional: true })), value: { l: [{ i32: '1' }, null] } })
cases.push({ kind: 'write', schema: array(type('int32')), value: { l: [{ i32: '1' }, null] } })
// No struct defaults: the reference's builder refuses them (its struct has the unfinished schema).
for (const schema of [
  type('int32', { default: 5 }),
  type('int32', { default: 5, optional: true }),
  type('string', { default: 'd', optional: true }),
  decimal(2, { default: 'AJY=' }),
  logical('Date', 'int32', { default: 3 }),
  array(type('int32'), { default: [1, 2] }),
  map(type('string'), type('int32'), { default: { a: 1 } }),
  type('bytes', { default: 'AQID' }),
  type('double', { default: 1 }),
  type('int64', { default: 9007199254740992 }),
  type('float', { default: 0.1 }),
]) {
  for (const options of [{}, KEEP]) {
    cases.push({ kind: 'write', options, schema, value: null })
    cases.push({ kind: 'read', options, text: JSON.stringify({ schema, payload: null }) })
  }
  cases.push({ kind: 'write', options: NUMERIC, schema, value: null })
}
// Without a schema.
for (const value of [
  { s: 'x' },
  { b: true },
  { i64: '5' },
  { i64: '9223372036854775807' },
  { f64: '1.5' },
  { f64: '1.0E-7' },
  { f64: '12345678.9' },
  { f64: 'NaN' },
  { y: 'AQID' },
  { d: 5 },
  { dec: '1.5' },
  { l: [] },
  { m: [] },
  { l: [{ s: 'a' }, null, { i64: '1' }, { b: false }] },
  { m: [[{ s: 'a' }, { l: [{ m: [[{ s: 'b' }, { f64: '0.5' }]] }] }]] },
  { m: [[{ i64: '1' }, { s: 'x' }]] },
  { m: [[{ s: '\u001f' }, { s: '\u001f\\u001f' }]] },
  { m: [[{ s: 'd' }, { d: 5 }]] },
  { m: [[{ s: 'y' }, { y: 'AQID' }]] },
  { m: [[{ s: 'n' }, { f64: '-Infinity' }]] },
] as Json[]) {
  both({ kind: 'write', value })
}

// ---- JsonConverter, reading
const TEXTS = [
  '',
  ' ',
  '\n\t',
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '007',
  '-007',
  '00',
  '1.0',
  '1.5',
  '1e3',
  '1E-7',
  '1.',
  '.5',
  '+1',
  '-',
  '01.5',
  '1e',
  '12 34',
  '12}',
  '1,2',
  'truex',
  'nul',
  'NaN',
  '"a"',
  '"a"b',
  '"a',
  '"\\u00e9\\n"',
  '"\\x"',
  '"\t"',
  '[]',
  '[1,2]',
  '[1,]',
  '[,1]',
  '[1 2]',
  '{}',
  '{"a":1}',
  '{"a":1,}',
  '{"a" 1}',
  '{a:1}',
  "{'a':1}",
  '{"a":1}{"b":2}',
  '{"a":1} trailing',
  '{"a":1,"a":2}',
  '{"a":{"b":[1,{"c":null}]}}',
  '9007199254740993',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '[9007199254740993,"9007199254740993",0.9007199254740993,9007199254740993.5]',
  '1234567890123456',
  '0.1',
  '1e400',
  '-1e400',
  '1e-400',
  '123456789.123456789',
  '{"":""}',
  '{"schema":null,"payload":5}',
  '{"payload":5,"schema":null}',
  '{"schema":null,"payload":null}',
  '{"schema":null}',
  '{"payload":1}',
  '{"schema":null,"payload":1,"x":2}',
  '[{"schema":null,"payload":1}]',
  ' { "schema" : { "type" : "int32" } , "payload" : 5 } ',
  '{"schema":{"type":"int32"},"payload":5} x',
  '{"schema":{"type":"int32"},"payload":5',
  '{"schema":{"type":"int32"},"payload":}',
  '{"payload":7,"schema":{"type":"int32","optional":true}}',
  '/*c*/1',
  '// c\n1',
  '\ufeff{"a":1}',
  '{"a":"\ud83d\ude00"}',
]
for (const text of TEXTS) both({ kind: 'read', text })
for (const hex of [
  'ff',
  '7b2261223a22ff227d',
  'c080',
  '22eda08022',
  '22c3a922',
  'efbbbf31',
  '00',
  '2200',
  '22f09f988022',
])
  both({ kind: 'read', text: { hex } })
for (const schema of [
  '{}',
  '5',
  '"int32"',
  '[]',
  '{"type":"int33"}',
  '{"type":5}',
  '{"type":"array"}',
  '{"type":"array","items":null}',
  '{"type":"array","items":{"type":"x"}}',
  '{"type":"map"}',
  '{"type":"map","keys":{"type":"string"}}',
  '{"type":"struct"}',
  '{"type":"struct","fields":{}}',
  '{"type":"struct","fields":[{"type":"int32"}]}',
  '{"type":"struct","fields":[{"field":"a"}]}',
  '{"type":"struct","fields":[{"type":"int32","field":"a"},{"type":"int32","field":"a"}]}',
  '{"type":"struct","fields":[{"type":"int32","field":""}]}',
  '{"type":"int32","optional":"true"}',
  '{"type":"int32","name":5,"version":"x","doc":1}',
  '{"type":"int32","version":2.5}',
  '{"type":"int32","version":3,"name":"n","doc":"d","parameters":{"b":"1","a":"2"}}',
  '{"type":"int32","parameters":{"a":1}}',
  '{"type":"int32","parameters":[]}',
  '{"type":"int32","default":null}',
  '{"type":"int32","default":null,"optional":true}',
  '{"type":"int32","default":"x"}',
  '{"type":"int32","extra":1}',
]) {
  cases.push({ kind: 'read', text: `{"schema":${schema},"payload":5}` })
}
const ab = struct({
  a: type('int32'),
  b: type('string', { optional: true }),
  c: type('string', { optional: true, default: 'dd' }),
})
for (const payload of [
  '{"a":1,"b":"x","c":"y"}',
  '{"c":"y","b":"x","a":1}',
  '{"a":1}',
  '{"b":"x"}',
  '{"a":null}',
  '{"a":1,"b":null,"c":null}',
  '{"a":1,"z":2}',
  '{"a":"7","b":5}',
  '5',
  '[]',
  '"x"',
  'null',
  '{"a":1,"b":"x","c":"y","a":2}',
]) {
  for (const options of [{}, KEEP])
    cases.push({ kind: 'read', options, text: `{"schema":${JSON.stringify(ab)},"payload":${payload}}` })
}
for (const payload of ['{"a":{"b":1}}', '{"a":[]}', '{"a":{"b":"x"}}', '{"a":{}}', '{"a":null}']) {
  cases.push({
    kind: 'read',
    text: `{"schema":${JSON.stringify(struct({ a: struct({ b: type('string') }, { optional: true }) }))},"payload":${payload}}`,
  })
}
for (const payload of ['{"a":1,"b":null}', '{}', '[]', '5', '{"a":"x"}', '[["a",1]]'])
  cases.push({
    kind: 'read',
    text: `{"schema":${JSON.stringify(map(type('string'), type('int32', { optional: true })))},"payload":${payload}}`,
  })
for (const payload of ['[[1,"a"],[2,null]]', '{}', '[]', '[1]', '[[1]]', '[[1,2,3]]', '[["x","y"]]'])
  cases.push({
    kind: 'read',
    text: `{"schema":${JSON.stringify(map(type('int32'), type('string', { optional: true })))},"payload":${payload}}`,
  })
for (const payload of ['[1,2]', '[]', '[null]', '["x"]'])
  cases.push({ kind: 'read', text: `{"schema":${JSON.stringify(array(type('int32')))},"payload":${payload}}` })
for (const st of persons.keys())
  cases.push({
    kind: 'read',
    text: JSON.stringify({
      schema: person,
      payload: [
        { id: 1, name: 'Ann', score: 2.5 },
        { id: 2, tags: ['a'], props: { k: 1 }, at: 5, inner: { flag: true, raw: 'AQID' } },
        { id: 3, inner: {} },
      ][st] as Json,
    }),
  })
const content = JSON.stringify(ab)
for (const text of ['{"a":1,"b":"x","c":"y"}', '{"a":null}', '', 'null', '{"schema":null,"payload":5}', '['])
  cases.push({ kind: 'read', options: { 'schema.content': content }, text })

// ---- Values
const PARSES = [
  '',
  ' ',
  'null',
  ' null ',
  'nullx',
  'NULL',
  'true',
  ' true ',
  'TRUE',
  'true}',
  'false',
  'false x',
  '0',
  '-0',
  '127',
  '128',
  '-128',
  '-129',
  '32767',
  '32768',
  '-32769',
  '2147483647',
  '2147483648',
  '-2147483649',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '123456789012345678901234567890',
  '1.0',
  '1.00',
  '1.5',
  '-1.5',
  '0.1',
  '.5',
  '5.',
  '+5',
  '+',
  '-',
  '--1',
  '1e3',
  '1E3',
  '1e-3',
  '1e30',
  '1e39',
  '1e308',
  '1e309',
  '1e-50',
  '3.4028236e38',
  '3.5e38',
  '1.5e39',
  '1.5e400',
  '12345678901234567890.5',
  '0x10',
  '1_000',
  '1,000',
  '1f',
  '1 2',
  '12abc',
  'abc',
  ' abc ',
  'a:b',
  'a,b',
  '"quoted"',
  '"',
  '\\',
  'a\\:b',
  '[',
  ']',
  '{',
  '}',
  '[]',
  ' [ ] ',
  '[1]',
  '[1,2,3]',
  '[1,300]',
  '[1,70000,3]',
  '[1,1.5]',
  '[1.5,1]',
  '[1,"a"]',
  '[0.1,"a"]',
  '["a","b"]',
  '["a",null]',
  '[null]',
  '[null,1]',
  '[true,false]',
  '[true,1]',
  '[1,]',
  '[,1]',
  '[1,,2]',
  '[1 2]',
  '[1',
  '[[1,2],[3]]',
  '[[1],["a"]]',
  '[{"a":1}]',
  '[a]',
  '["a\\"b"]',
  '["a\\\\b"]',
  '["a:b,c"]',
  '[ "a" , "b" ]',
  '[1] x',
  '{}',
  '{"a":1}',
  '{"a":1,"b":2}',
  '{"a":1,"b":"x"}',
  '{"a":null}',
  '{"a":1,"b":null}',
  '{a:1}',
  '{1:2}',
  '{1:"a",2:"b"}',
  '{"a":1 "b":2}',
  '{"a":1,}',
  '{,}',
  '{"a"}',
  '{"a":}',
  '{"a":1',
  '{null:1}',
  '{"a":[1,2],"b":[3]}',
  '{"a":{"b":{"c":1}}}',
  '{"a":1} x',
  '{1:1,300:2}',
  '{"a":true,"b":false}',
  '{"k":2019-08-23}',
  '{"k":"2019-08-23"}',
  '{"k":"14:34:54.346Z"}',
  '{"k":14\\:34\\:54.346Z}',
  '{"k":14:34:54.346Z}',
  '[14:34:54.346Z]',
  '[2019-08-23, 2019-08-24]',
  '[2019-08-23, 5]',
  '[5, 2019-08-23]',
  '2019-08-23',
  '2019-13-45',
  '2019-8-3',
  '2019-08-2x',
  '1969-12-31',
  '1582-10-04',
  '1000-01-01',
  '0001-01-01',
  '9999-12-31',
  '14:34:54.346Z',
  '14\\:34\\:54.346Z',
  '25:61:61.999Z',
  '14:34:54.346+',
  '14:34:54.34Z',
  '2019-08-23T14:34:54.346Z',
  '2019-08-23T14\\:34\\:54.346Z',
  '2019-08-23 14:34:54.346Z',
  '1970-01-01T00:00:00.000Z',
  '12345-01-01',
  '1234567890',
  'true:false',
  '日本',
  '\u00a05',
  '{"a":"b\\"c"}',
  '[1e400]',
  '[9223372036854775808,1]',
  '[1,9223372036854775808]',
  '{"schema":1}',
  'application/json',
  'http://host:80/x?y={z}',
  '2019-08-23,x',
  '5:5',
  '[true',
  'trueabc',
  '[""]',
  '["", "a"]',
  '{"":1}',
  '{"a":1,"a":2}',
]
for (const text of PARSES) cases.push({ kind: 'parse', text })
const OBJECTS: Json[] = [
  null,
  { s: '' },
  { s: 'a"b\\c' },
  { b: true },
  { i8: '5' },
  { i64: '9223372036854775807' },
  { y: 'AQID' },
  { dec: '1.50' },
  { dec: '1E+3' },
  { l: [] },
  { l: [{ s: 'a"b\\' }, null, { i64: '1' }, { y: 'AQID' }, { b: true }] },
  { m: [] },
  { m: [[{ s: 'k' }, { s: 'v' }]] },
  { m: [[{ i64: '1' }, { l: [{ s: 'x' }] }]] },
  { d: 0 },
  { d: 1 },
  { d: 86_399_999 },
  { d: 86_400_000 },
  { d: 86_400_001 },
  { d: 1_700_000_000_123 },
  { d: 1_700_006_400_000 },
  { d: -1 },
  { d: -86_400_000 },
  { l: [{ d: 86_400_000 }, { dec: '2.0' }] },
]
for (const value of OBJECTS) {
  cases.push({ kind: 'text', value })
  if (JSON.stringify(value)?.includes('"y"') !== true) cases.push({ kind: 'string', value })
}
for (const f64 of DOUBLES)
  cases.push(
    { kind: 'text', schema: type('double'), value: { f64 } },
    { kind: 'string', schema: type('double'), value: { f64 } },
  )
for (const f32 of FLOATS)
  cases.push(
    { kind: 'text', schema: type('float'), value: { f32 } },
    { kind: 'string', schema: type('float'), value: { f32 } },
  )
for (const st of persons) cases.push({ kind: 'text', schema: person, value: { st } })
for (const st of persons.filter((one) => !JSON.stringify(one).includes('"y"')))
  cases.push({ kind: 'string', schema: person, value: { st } })
cases.push(
  { kind: 'string', value: { s: 'lone \ud800 surrogate' } },
  { kind: 'string', schema: array(type('double')), value: { l: [{ f64: '1.0' }] } },
)
cases.push({ kind: 'write', options: PLAIN, value: { s: 'lone \ud800 surrogate' } })

writeFileSync(new URL('cases.json', import.meta.url), `[\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`)
console.log(`${cases.length} cases`)
