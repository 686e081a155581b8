// One topic for each type, so that one which fails hides no other: values and a null, written by key of the row.
import type { Case } from './cases.ts'
import { from, type JsonSchema, message, named, required, struct, type } from './schemas.ts'

const INT = required(type('int32'))
const b64 = (...bytes: number[]) => Buffer.from(bytes).toString('base64')
const decimal = (scale: number, precision?: number) =>
  named('bytes', 'org.apache.kafka.connect.data.Decimal', {
    scale: String(scale),
    ...(precision !== undefined && { 'connect.decimal.precision': String(precision) }),
  })
const connect = (plain: string, name: string) => named(plain, `org.apache.kafka.connect.data.${name}`)
const time = (plain: string, name: string) => named(plain, `io.debezium.time.${name}`)
const data = (plain: string, name: string, parameters?: Readonly<Record<string, string>>) =>
  named(plain, `io.debezium.data.${name}`, parameters)
const array = (items: JsonSchema) => type('array', { items })
const WKB_POINT = b64(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40)
const geometry = (name: string, xy = false) =>
  struct(
    {
      ...(xy && { x: required(type('double')), y: required(type('double')) }),
      wkb: xy ? type('bytes') : required(type('bytes')),
      srid: type('int32'),
    },
    { optional: true, name: `io.debezium.data.geometry.${name}`, version: 1 },
  )
const variable = struct(
  { scale: INT, value: required(type('bytes')) },
  { optional: true, name: 'io.debezium.data.VariableScaleDecimal', version: 1 },
)

const TYPES: Readonly<Record<string, readonly [JsonSchema, ...unknown[]]>> = {
  int8: [type('int8'), 127, -128],
  int16: [type('int16'), 32767, -32768],
  int32: [type('int32'), 2147483647, -2147483648],
  int64: [type('int64'), 9007199254740991, -9007199254740991],
  float32: [type('float'), 1.5, -0.1],
  float64: [type('double'), 0.1, -1e300],
  boolean: [type('boolean'), true, false],
  string: [type('string'), 'O\'Neil \\ "x" é', ''],
  bytes: [type('bytes'), b64(0, 255, 92, 39), ''],
  string_required: [required(type('string')), 'a', 'b'],
  int_default: [{ ...type('int32'), default: 42 }, 1, 2],
  string_default: [{ ...type('string'), default: "it's" }, 'a', 'b'],
  boolean_default: [{ ...type('boolean'), default: true }, false, true],
  decimal: [decimal(3), b64(0x30, 0x39), b64(0xcf, 0xc7)],
  decimal_zero: [decimal(0), b64(0x7b)],
  decimal_precise: [decimal(2, 10), b64(0x30, 0x39)],
  variable: [variable, { scale: 1, value: b64(15) }, { scale: 3, value: b64(0xcf, 0xc7) }],
  date: [connect('int32', 'Date'), 19782, -165],
  time: [connect('int32', 'Time'), 3723004, 0],
  timestamp: [connect('int64', 'Timestamp'), 1709210096789, -1],
  dbz_date: [time('int32', 'Date'), 19782, -165],
  dbz_time: [time('int32', 'Time'), 3723004, 86399999],
  dbz_micro_time: [time('int64', 'MicroTime'), 45296000001, 0],
  dbz_nano_time: [time('int64', 'NanoTime'), 45296000001000, 45296000001999],
  dbz_timestamp: [time('int64', 'Timestamp'), 1709210096789, -1],
  dbz_micro_timestamp: [time('int64', 'MicroTimestamp'), 1709210096789012, -1],
  dbz_nano_timestamp: [time('int64', 'NanoTimestamp'), 1709210096789012200, -1000],
  dbz_zoned_timestamp: [time('string', 'ZonedTimestamp'), '2024-02-29T14:34:56.789+02:00', '2024-02-29T12:34:56Z'],
  dbz_zoned_time: [time('string', 'ZonedTime'), '12:34:56Z', '12:34:56.123456+02:00'],
  dbz_year: [time('int32', 'Year'), 2024],
  dbz_interval: [time('string', 'Interval'), 'P1Y2M3DT4H5M6.789S'],
  dbz_micro_duration: [time('int64', 'MicroDuration'), 3723000001, -1],
  dbz_iso_timestamp: [time('string', 'IsoTimestamp'), '2024-02-29T12:34:56.789Z'],
  dbz_iso_date: [time('string', 'IsoDate'), '2024-02-29Z'],
  dbz_iso_time: [time('string', 'IsoTime'), '12:34:56.789Z'],
  timestamp_of_3: [from(time('int64', 'MicroTimestamp'), 'TIMESTAMP', 3), 1709210096789000],
  json: [data('string', 'Json'), '{"a": [1, "x", null]}', '[]'],
  jsonb: [from(data('string', 'Json'), 'JSONB'), '{"a": 1}'],
  xml: [data('string', 'Xml'), '<a>1</a>'],
  uuid: [data('string', 'Uuid'), 'b43c1e9f-9f2a-4a58-8f0f-5d2f8f7d3a11'],
  enum: [data('string', 'Enum', { allowed: 'a,b,c' }), 'b'],
  enum_set: [data('string', 'EnumSet', { allowed: 'a,b,c' }), 'a,c', ''],
  bits: [data('bytes', 'Bits', { length: '10' }), b64(0b101, 0b10)],
  bits_varying: [data('bytes', 'Bits', { length: '2147483647' }), b64(5)],
  bits_of_1: [from(type('boolean'), 'BIT', 1), true, false],
  ltree: [data('string', 'Ltree'), 'a.b.c'],
  tsvector: [data('string', 'Tsvector'), "'a' 'b'"],
  point: [geometry('Point', true), { x: 1, y: 2, wkb: WKB_POINT, srid: null }],
  geometry: [geometry('Geometry'), { wkb: WKB_POINT, srid: 4326 }],
  geography: [geometry('Geography'), { wkb: WKB_POINT, srid: 4326 }],
  double_vector: [
    { ...array(required(type('double'))), name: 'io.debezium.data.DoubleVector', version: 1 },
    [1.5, -2, 0.1],
  ],
  float_vector: [{ ...array(required(type('float'))), name: 'io.debezium.data.FloatVector', version: 1 }, [1.5, -2]],
  array_int: [array(type('int32')), [1, null, 3], []],
  array_text: [array(type('string')), ['a"b', 'NULL', 'x,y', null]],
  array_uuid: [array(data('string', 'Uuid')), ['b43c1e9f-9f2a-4a58-8f0f-5d2f8f7d3a11']],
  array_date: [array(time('int32', 'Date')), [19782]],
  map: [type('map', { keys: required(type('string')), values: type('string') }), { a: '1', b: 'x"y' }],
  inet: [from(type('string'), 'INET'), '10.0.0.1'],
  cidr: [from(type('string'), 'CIDR'), '10.0.0.0/8'],
  macaddr: [from(type('string'), 'MACADDR'), '08:00:2b:01:02:03'],
  money: [from(decimal(2), 'MONEY'), b64(0x30, 0x39)],
  citext: [from(type('string'), 'CITEXT'), 'Abc'],
  int4range: [from(type('string'), 'INT4RANGE'), '[1,5)'],
  oid: [from(type('int64'), 'OID'), 42],
  serial: [from(type('int32'), 'SERIAL'), 7],
  varchar: [from(type('string'), 'VARCHAR', 20), 'abc'],
  char: [from(type('string'), 'CHAR', 5), 'abc'],
  numeric: [from(decimal(2, 12), 'NUMERIC', 12, 2), b64(0x30, 0x39)],
  bigint_unsigned: [from(type('int64'), 'BIGINT UNSIGNED'), 5],
  int_unsigned: [from(type('int64'), 'INT UNSIGNED'), 5],
  tinyint: [from(type('int16'), 'TINYINT', 3), 5],
  mediumint: [from(type('int32'), 'MEDIUMINT'), 5],
  mediumtext: [from(type('string'), 'MEDIUMTEXT'), 'abc'],
  binary: [from(type('bytes'), 'BINARY', 4), b64(1, 2, 3, 4)],
  tinyblob: [from(type('bytes'), 'TINYBLOB', 255), b64(1, 2)],
  struct: [struct({ a: type('int32') }, { optional: true, name: 'plain.Struct' }), { a: 1 }],
}

const UPSERT = {
  'insert.mode': 'upsert',
  'primary.key.mode': 'record_value',
  'primary.key.fields': 'id',
  'schema.evolution': 'basic',
}

/** A topic for each type. */
export const TYPE_CASES: readonly Case[] = Object.entries(TYPES).map(([name, [schema, ...values]]) => {
  const row = struct({ id: INT, v: schema })
  const all = schema.optional ? [...values, null] : values
  return {
    name: `t_${name}_x`,
    config: UPSERT,
    records: all.map((v, i) => ({ topic: `t_${name}_x`, key: null, value: message(row, { id: i + 1, v }) })),
  }
})

/** A topic for each type that a key may have. */
export const KEY_CASES: readonly Case[] = ['int64', 'string', 'bytes', 'decimal', 'uuid', 'date', 'varchar'].map(
  (name) => {
    const [schema, value] = TYPES[name] as [JsonSchema, unknown]
    const topic = `k_${name}_x`
    const row = struct({ name: type('string') })
    const key = message(struct({ k: required(schema) }), { k: value })
    return {
      name: topic,
      config: { 'insert.mode': 'upsert', 'primary.key.mode': 'record_key', 'schema.evolution': 'basic' },
      records: ['one', 'two'].map((text) => ({ topic, key, value: message(row, { name: text }) })),
    }
  },
)
