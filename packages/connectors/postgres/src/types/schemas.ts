// Debezium's semantic schemas that columns of PostgreSQL have, as builders: an optional column makes them optional.
import { SchemaBuilder, Schemas } from '@millrace/api'

const named = (make: () => SchemaBuilder, name: string) => (): SchemaBuilder => make().name(name).version(1)

export const json = named(SchemaBuilder.string, 'io.debezium.data.Json')
export const xml = named(SchemaBuilder.string, 'io.debezium.data.Xml')
export const uuid = named(SchemaBuilder.string, 'io.debezium.data.Uuid')
export const ltree = named(SchemaBuilder.string, 'io.debezium.data.Ltree')
export const tsVector = named(SchemaBuilder.string, 'io.debezium.data.Tsvector')
export const zonedTimestamp = named(SchemaBuilder.string, 'io.debezium.time.ZonedTimestamp')
export const zonedTime = named(SchemaBuilder.string, 'io.debezium.time.ZonedTime')
export const intervalText = named(SchemaBuilder.string, 'io.debezium.time.Interval')
export const microDuration = named(SchemaBuilder.int64, 'io.debezium.time.MicroDuration')
export const date = named(SchemaBuilder.int32, 'io.debezium.time.Date')
export const time = named(SchemaBuilder.int32, 'io.debezium.time.Time')
export const microTime = named(SchemaBuilder.int64, 'io.debezium.time.MicroTime')
export const nanoTime = named(SchemaBuilder.int64, 'io.debezium.time.NanoTime')
export const timestamp = named(SchemaBuilder.int64, 'io.debezium.time.Timestamp')
export const microTimestamp = named(SchemaBuilder.int64, 'io.debezium.time.MicroTimestamp')
export const nanoTimestamp = named(SchemaBuilder.int64, 'io.debezium.time.NanoTimestamp')
export const isoDate = named(SchemaBuilder.string, 'io.debezium.time.IsoDate')
export const isoTime = named(SchemaBuilder.string, 'io.debezium.time.IsoTime')
export const isoTimestamp = named(SchemaBuilder.string, 'io.debezium.time.IsoTimestamp')

/** Bits of a bit string of up to `length` bits, the least significant byte first. */
export function bits(length: number): SchemaBuilder {
  return SchemaBuilder.bytes().name('io.debezium.data.Bits').parameter('length', String(length)).version(1)
}
export function enumerated(allowed: readonly string[]): SchemaBuilder {
  return SchemaBuilder.string().name('io.debezium.data.Enum').version(1).parameter('allowed', allowed.join(','))
}
export function variableScaleDecimal(): SchemaBuilder {
  return SchemaBuilder.struct()
    .name('io.debezium.data.VariableScaleDecimal')
    .version(1)
    .doc('Variable scaled decimal')
    .field('scale', Schemas.INT32)
    .field('value', Schemas.BYTES)
}
export function point(): SchemaBuilder {
  return SchemaBuilder.struct()
    .name('io.debezium.data.geometry.Point')
    .version(1)
    .doc('Geometry (POINT)')
    .field('x', Schemas.FLOAT64)
    .field('y', Schemas.FLOAT64)
    .field('wkb', Schemas.OPTIONAL_BYTES)
    .field('srid', Schemas.OPTIONAL_INT32)
}
/** PostGIS's two types. Always optional, as Debezium has them. */
export function geometry(name: 'Geometry' | 'Geography'): SchemaBuilder {
  return SchemaBuilder.struct()
    .name(`io.debezium.data.geometry.${name}`)
    .version(1)
    .doc(name)
    .optional()
    .field('wkb', Schemas.BYTES)
    .field('srid', Schemas.OPTIONAL_INT32)
}
export function doubleVector(): SchemaBuilder {
  return SchemaBuilder.array(Schemas.FLOAT64).name('io.debezium.data.DoubleVector').version(1)
}
export function floatVector(): SchemaBuilder {
  return SchemaBuilder.array(Schemas.FLOAT32).name('io.debezium.data.FloatVector').version(1)
}
export function sparseVector(): SchemaBuilder {
  return SchemaBuilder.struct()
    .name('io.debezium.data.SparseDoubleVector')
    .version(1)
    .doc('Sparse double vector')
    .field('dimensions', Schemas.INT16)
    .field('vector', SchemaBuilder.map(Schemas.INT16, Schemas.FLOAT64).build())
}
