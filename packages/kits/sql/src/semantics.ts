// What a value means to a database, whatever its schema is called: the few kinds that the encoders of the dialects know.
import { ConnectException, type Decimal, decimalScale, LogicalName, type Schema } from '@millrace/api'
import type { TimeUnit } from './temporal.ts'

/**
 * Kinds, and the values they come with:
 * `boolean` boolean; `integer` number or bigint; `float` number; `decimal` Decimal; `string` string; `bytes` Uint8Array;
 * `date` days since the epoch; `time` number or bigint since midnight, in `unit`; `timestamp` since the epoch, in `unit`,
 * without a zone of its own; `instant` the same, a point in time; `moment` text in ISO 8601 with an offset; `array` Array;
 * `raw` text that the database's own type reads (json, uuid, xml, enums, intervals).
 */
export type SemanticKind =
  | 'boolean'
  | 'integer'
  | 'float'
  | 'decimal'
  | 'string'
  | 'bytes'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'instant'
  | 'moment'
  | 'array'
  | 'raw'

/** A value's meaning. */
export interface Semantic {
  readonly kind: SemanticKind
  readonly unit: TimeUnit
  /** The value as its kind has it, of the value as its schema has it. Null for values that are the same. */
  readonly read: ((value: unknown) => unknown) | null
  /** Of an array's elements. */
  readonly element: Semantic | null
}

/** Makes a meaning. */
export function semantic(kind: SemanticKind, parts: Partial<Omit<Semantic, 'kind'>> = {}): Semantic {
  return { kind, unit: 'ms', read: null, element: null, ...parts }
}

const millis = (value: unknown) => (value as Date).getTime()
const days = (value: unknown) => Math.floor((value as Date).getTime() / 86_400_000)

const BY_NAME: Readonly<Record<string, Semantic>> = {
  [LogicalName.DATE]: semantic('date', { read: days }),
  [LogicalName.TIME]: semantic('time', { read: millis }),
  [LogicalName.TIMESTAMP]: semantic('timestamp', { read: millis }),
  [LogicalName.DECIMAL]: semantic('decimal'),
}

const BY_TYPE = {
  INT8: semantic('integer'),
  INT16: semantic('integer'),
  INT32: semantic('integer'),
  INT64: semantic('integer'),
  FLOAT32: semantic('float'),
  FLOAT64: semantic('float'),
  BOOLEAN: semantic('boolean'),
  STRING: semantic('string'),
  BYTES: semantic('bytes'),
} as const

/**
 * The meaning of Connect's own types.
 * @throws ConnectException for a struct, a map, and an array whose elements are not known
 */
export function connectSemantic(schema: Schema, where: string): Semantic {
  const named = schema.name === null ? undefined : BY_NAME[schema.name]
  if (named !== undefined) return named
  if (schema.type === 'ARRAY' && schema.valueSchema !== null) {
    return semantic('array', { element: connectSemantic(schema.valueSchema, where) })
  }
  const plain = schema.type in BY_TYPE ? BY_TYPE[schema.type as keyof typeof BY_TYPE] : undefined
  if (plain !== undefined) return plain
  throw new ConnectException(
    `${where}: ${schema.name ?? 'a value'} (${schema.type}) has no mapping to a column type. ` +
      'Flatten it or drop it with a transformation (Flatten, ReplaceField), or turn it into text.',
  )
}

/** Scale of a Decimal schema, null for others. */
export function scaleOf(schema: Schema): number | null {
  return schema.name === LogicalName.DECIMAL ? decimalScale(schema) : null
}

/** Plain digits of a decimal. */
export function decimalText(value: unknown): string {
  return (value as Decimal).toPlainString()
}
