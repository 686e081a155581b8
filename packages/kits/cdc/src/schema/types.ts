// Builders of the semantic types, io.debezium.data and io.debezium.time, with the reference's names and versions.
import { SchemaBuilder, Schemas } from '@millrace/api'

const named = (builder: SchemaBuilder, name: string) => builder.name(name).version(1)

/** Bits, least significant byte first, of a fixed length in bits. */
export const bitsBuilder = (length: number): SchemaBuilder =>
  named(SchemaBuilder.bytes(), 'io.debezium.data.Bits').parameter('length', String(length))
/** One of some texts. Commas inside a text stay as they are, as in the reference. */
export const enumBuilder = (allowed: readonly string[]): SchemaBuilder =>
  named(SchemaBuilder.string(), 'io.debezium.data.Enum').parameter('allowed', allowed.join(','))
/** Some of some texts, with commas between. */
export const enumSetBuilder = (allowed: readonly string[]): SchemaBuilder =>
  named(SchemaBuilder.string(), 'io.debezium.data.EnumSet').parameter('allowed', allowed.join(','))
export const jsonBuilder = (): SchemaBuilder => named(SchemaBuilder.string(), 'io.debezium.data.Json')
export const xmlBuilder = (): SchemaBuilder => named(SchemaBuilder.string(), 'io.debezium.data.Xml')
export const uuidBuilder = (): SchemaBuilder => named(SchemaBuilder.string(), 'io.debezium.data.Uuid')
export const tsVectorBuilder = (): SchemaBuilder => named(SchemaBuilder.string(), 'io.debezium.data.Tsvector')
/** A number whose scale differs from row to row: `{scale, value}`, the value the bytes of the unscaled integer. */
export const variableScaleDecimalBuilder = (): SchemaBuilder =>
  named(SchemaBuilder.struct(), 'io.debezium.data.VariableScaleDecimal')
    .doc('Variable scaled decimal')
    .field('scale', Schemas.INT32)
    .field('value', Schemas.BYTES)
export const doubleVectorBuilder = (): SchemaBuilder =>
  named(SchemaBuilder.array(Schemas.FLOAT64), 'io.debezium.data.DoubleVector')
export const floatVectorBuilder = (): SchemaBuilder =>
  named(SchemaBuilder.array(Schemas.FLOAT32), 'io.debezium.data.FloatVector')
export const sparseDoubleVectorBuilder = (): SchemaBuilder =>
  named(SchemaBuilder.struct(), 'io.debezium.data.SparseDoubleVector')
    .doc('Sparse double vector')
    .field('dimensions', Schemas.INT16)
    .field('vector', SchemaBuilder.map(Schemas.INT16, Schemas.FLOAT64).build())

/** A point: `{x, y, wkb, srid}`. */
export const pointBuilder = (): SchemaBuilder =>
  named(SchemaBuilder.struct(), 'io.debezium.data.geometry.Point')
    .doc('Geometry (POINT)')
    .field('x', Schemas.FLOAT64)
    .field('y', Schemas.FLOAT64)
    .field('wkb', Schemas.OPTIONAL_BYTES)
    .field('srid', Schemas.OPTIONAL_INT32)
/** A shape as well-known bytes: `{wkb, srid}`. Optional also in a column that must not be null, as in the reference. */
export const geometryBuilder = (): SchemaBuilder =>
  named(SchemaBuilder.struct(), 'io.debezium.data.geometry.Geometry')
    .optional()
    .doc('Geometry')
    .field('wkb', Schemas.BYTES)
    .field('srid', Schemas.OPTIONAL_INT32)
/** As {@link geometryBuilder}, on a sphere. */
export const geographyBuilder = (): SchemaBuilder =>
  named(SchemaBuilder.struct(), 'io.debezium.data.geometry.Geography')
    .doc('Geography')
    .field('wkb', Schemas.BYTES)
    .field('srid', Schemas.OPTIONAL_INT32)

const time = (builder: SchemaBuilder, name: string) => named(builder, `io.debezium.time.${name}`)
/** Builders of `io.debezium.time.*`, by their short names. */
export const Temporal = {
  Date: () => time(SchemaBuilder.int32(), 'Date'),
  Time: () => time(SchemaBuilder.int32(), 'Time'),
  MicroTime: () => time(SchemaBuilder.int64(), 'MicroTime'),
  NanoTime: () => time(SchemaBuilder.int64(), 'NanoTime'),
  Timestamp: () => time(SchemaBuilder.int64(), 'Timestamp'),
  MicroTimestamp: () => time(SchemaBuilder.int64(), 'MicroTimestamp'),
  NanoTimestamp: () => time(SchemaBuilder.int64(), 'NanoTimestamp'),
  ZonedTime: () => time(SchemaBuilder.string(), 'ZonedTime'),
  ZonedTimestamp: () => time(SchemaBuilder.string(), 'ZonedTimestamp'),
  IsoDate: () => time(SchemaBuilder.string(), 'IsoDate'),
  IsoTime: () => time(SchemaBuilder.string(), 'IsoTime'),
  IsoTimestamp: () => time(SchemaBuilder.string(), 'IsoTimestamp'),
  MicroDuration: () => time(SchemaBuilder.int64(), 'MicroDuration'),
  NanoDuration: () => time(SchemaBuilder.int64(), 'NanoDuration'),
  Interval: () => time(SchemaBuilder.string(), 'Interval'),
  Year: () => time(SchemaBuilder.int32(), 'Year'),
} as const
