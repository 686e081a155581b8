// Debezium's semantic types: what their values mean, and which columns hold them.
import { Decimal, type Schema, Values } from '@millrace/api'
import { connectSemantic, type Semantic, semantic } from '@millrace/kit-sql'

type Row = Readonly<Record<string, unknown>>

/** The databases whose columns differ. */
export type Family = 'postgres' | 'mysql' | 'sqlite'

const TEXTS = ['Json', 'Xml', 'Uuid', 'Enum', 'EnumSet', 'Ltree', 'Tsvector'].map((name) => `io.debezium.data.${name}`)

const COMMON: Readonly<Record<string, Semantic>> = {
  'io.debezium.time.Date': semantic('date'),
  'io.debezium.time.Time': semantic('time', { unit: 'ms' }),
  'io.debezium.time.MicroTime': semantic('time', { unit: 'us' }),
  'io.debezium.time.NanoTime': semantic('time', { unit: 'ns' }),
  'io.debezium.time.Timestamp': semantic('timestamp', { unit: 'ms' }),
  'io.debezium.time.MicroTimestamp': semantic('timestamp', { unit: 'us' }),
  'io.debezium.time.NanoTimestamp': semantic('timestamp', { unit: 'ns' }),
  'io.debezium.time.ZonedTimestamp': semantic('moment'),
  'io.debezium.time.ZonedTime': semantic('moment'),
  'io.debezium.data.VariableScaleDecimal': semantic('decimal', {
    read: (value) => Decimal.fromBytes((value as Row).value as Uint8Array, (value as Row).scale as number),
  }),
  ...Object.fromEntries(TEXTS.map((name) => [name, semantic('raw')])),
}

/** The meaning of a field for a database. @throws ConnectException for a type that has no column */
export function debeziumSemantic(schema: Schema, family: Family, where: string): Semantic {
  const common = schema.name === null ? undefined : COMMON[schema.name]
  if (common !== undefined) return common
  switch (schema.name) {
    case 'io.debezium.data.Bits':
      return bits(Number(schema.parameters?.get('length') ?? 0), family)
    case 'io.debezium.data.geometry.Point':
      return family === 'postgres'
        ? semantic('raw', { read: (value) => `(${(value as Row).x},${(value as Row).y})` })
        : geometry(family)
    case 'io.debezium.data.geometry.Geometry':
    case 'io.debezium.data.geometry.Geography':
      return geometry(family)
    case 'io.debezium.data.DoubleVector':
    case 'io.debezium.data.FloatVector':
      return semantic('raw', { read: json })
    case 'io.debezium.data.SparseDoubleVector':
      return semantic('raw', { read: family === 'postgres' ? sparseVector : json })
    case 'io.debezium.time.MicroDuration':
      return family === 'postgres'
        ? semantic('raw', { read: (value) => `${new Decimal(BigInt(value as number), 6).toPlainString()} seconds` })
        : semantic('integer')
  }
  if (schema.type === 'MAP') return semantic('raw', { read: family === 'postgres' ? hstore : json })
  if (schema.type === 'ARRAY' && schema.valueSchema !== null) {
    if (family !== 'postgres') return semantic('raw', { read: json })
    return semantic('array', { element: debeziumSemantic(schema.valueSchema, family, where) })
  }
  return connectSemantic(schema, where)
}

/** Bits come in little-endian bytes. */
function bits(length: number, family: Family): Semantic {
  if (family === 'mysql') return semantic('bytes', { read: (value) => Buffer.from(value as Uint8Array).reverse() })
  return semantic('raw', {
    read: (value) => {
      let text = ''
      for (const byte of value as Uint8Array) text = byte.toString(2).padStart(8, '0') + text
      return length > 0 && length < 2_147_483_647
        ? text.slice(-length).padStart(length, '0')
        : text.replace(/^0+(?=.)/, '')
    },
  })
}

/** Well-known binary with its reference system: EWKB in hexadecimal for PostGIS, MySQL's internal form for its family. */
function geometry(family: Family): Semantic {
  if (family !== 'postgres') {
    return semantic('bytes', {
      read: (value) => {
        const srid = Buffer.alloc(4)
        srid.writeUInt32LE(Number((value as Row).srid ?? 0))
        return Buffer.concat([srid, (value as Row).wkb as Uint8Array])
      },
    })
  }
  return semantic('raw', {
    read: (value) => {
      const wkb = Buffer.from((value as Row).wkb as Uint8Array)
      const srid = Number((value as Row).srid ?? 0)
      if (srid === 0 || wkb.length < 5) return wkb.toString('hex')
      const little = wkb[0] === 1
      const head = Buffer.alloc(9)
      head[0] = wkb[0] as number
      const type = (little ? wkb.readUInt32LE(1) : wkb.readUInt32BE(1)) | 0x20000000
      if (little) {
        head.writeUInt32LE(type >>> 0, 1)
        head.writeUInt32LE(srid, 5)
      } else {
        head.writeUInt32BE(type >>> 0, 1)
        head.writeUInt32BE(srid, 5)
      }
      return Buffer.concat([head, wkb.subarray(5)]).toString('hex')
    },
  })
}

/** As pgvector writes a `sparsevec`. */
function sparseVector(value: unknown): string {
  const { dimensions, vector } = value as { dimensions: number; vector: Map<number, number> }
  return `{${[...vector].map(([at, one]) => `${at}:${one}`).join(',')}}/${dimensions}`
}

function hstore(value: unknown): string {
  const quote = (text: unknown) => `"${String(text).replace(/["\\]/g, '\\$&')}"`
  return [...(value as Map<unknown, unknown>)]
    .map(([key, one]) => `${quote(key)}=>${one === null ? 'NULL' : quote(one)}`)
    .join(', ')
}

function json(value: unknown): string {
  if (value instanceof Map)
    return `{${[...value].map(([key, one]) => `${JSON.stringify(String(key))}:${json(one)}`).join(',')}}`
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Decimal) return value.toPlainString()
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (value instanceof Date) return JSON.stringify(Values.convertToString(null, value))
  return JSON.stringify(value ?? null)
}
