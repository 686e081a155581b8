// Logical types: what the specification's annotations mean, and when they hold.
import { JsonNumber } from '../json-text.ts'
import type { AvroPrimitive, AvroSchema } from './model.ts'

/** A logical type that holds on its schema. */
export interface LogicalType {
  readonly name: string
  /** Of a decimal: its precision and scale. */
  readonly decimal: { readonly precision: number; readonly scale: number } | null
}

const ON: Readonly<Record<string, AvroPrimitive>> = {
  date: 'int',
  'time-millis': 'int',
  'time-micros': 'long',
  'timestamp-millis': 'long',
  'timestamp-micros': 'long',
  'timestamp-nanos': 'long',
  'local-timestamp-millis': 'long',
  'local-timestamp-micros': 'long',
  'local-timestamp-nanos': 'long',
  'big-decimal': 'bytes',
}
const UUID_SIZE = 16
const DURATION_SIZE = 12

/** The logical type of a schema; null when it has none, or one that is unknown or does not fit: such annotations are ignored. */
export function logicalTypeOf(schema: AvroSchema): LogicalType | null {
  const name = schema.props.get('logicalType')
  if (typeof name !== 'string') return null
  if (name === 'decimal') return decimalOf(schema)
  if (name === 'uuid') return schema.type === 'string' || isFixed(schema, UUID_SIZE) ? { name, decimal: null } : null
  if (name === 'duration') return isFixed(schema, DURATION_SIZE) ? { name, decimal: null } : null
  return ON[name] === schema.type ? { name, decimal: null } : null
}

function isFixed(schema: AvroSchema, size: number): boolean {
  return schema.type === 'fixed' && schema.size === size
}

function decimalOf(schema: AvroSchema): LogicalType | null {
  if (schema.type !== 'bytes' && schema.type !== 'fixed') return null
  const precision = integerOf(schema, 'precision')
  const scale = schema.props.has('scale') ? integerOf(schema, 'scale') : 0
  if (precision === null || scale === null || precision <= 0 || scale < 0 || scale > precision) return null
  if (schema.type === 'fixed' && precision > mostDigits(schema.size)) return null
  return { name: 'decimal', decimal: { precision, scale } }
}

function integerOf(schema: AvroSchema, key: string): number | null {
  const node = schema.props.get(key)
  return node instanceof JsonNumber && !node.floating ? Number(node.value) : null
}

/** How many decimal digits always fit into so many bytes of two's complement. */
function mostDigits(size: number): number {
  return Math.floor(Math.log10(2) * (8 * size - 1))
}
