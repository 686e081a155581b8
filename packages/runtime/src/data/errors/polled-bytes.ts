// What a source polled, as bytes for a dead letter queue: in a form that never fails, whatever was wrong with the record.
import type { Converter, Schema, Value } from '@millrace/api'

/**
 * How a key or a value of a source's dead letter was written: `json` as JsonConverter writes it, schema and payload; `bytes` as they
 * were; `plain` as JSON without a schema, because its schema does not fit it; `none` for null.
 */
export type LetterFormat = 'json' | 'bytes' | 'plain' | 'none'

/** Bytes, and how to read them. */
export interface LetterBytes {
  readonly bytes: Uint8Array | null
  readonly format: LetterFormat
}

/** Deeper than this nothing is shown: a value may contain itself. */
const MOST_DEPTH = 64

/** @param json a JsonConverter with schemas, or null where there is none */
export function letterBytes(json: Converter | null, topic: string, schema: Schema | null, value: Value): LetterBytes {
  if (value === null || value === undefined) return { bytes: null, format: 'none' }
  if (value instanceof Uint8Array) return { bytes: value, format: 'bytes' }
  try {
    const bytes = json?.fromConnectData(topic, null, schema, value)
    if (bytes instanceof Uint8Array) return { bytes, format: 'json' }
  } catch {
    // Its schema does not fit it, or it has none and is nothing that JSON knows: as plain as can be, then.
  }
  return { bytes: Buffer.from(plainJson(value)), format: 'plain' }
}

/** JSON of anything: large integers in digits, bytes in base64, maps as pairs, the rest as text. */
export function plainJson(value: unknown): string {
  return JSON.stringify(plain(value, 0)) ?? 'null'
}

function plain(value: unknown, depth: number): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return exact(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value !== 'object') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (depth >= MOST_DEPTH) return '...'
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1))
  if (value instanceof Map) return [...value].map(([key, one]) => [plain(key, depth + 1), plain(one, depth + 1)])
  return Object.fromEntries(Object.keys(value).map((key) => [key, plain(read(value, key), depth + 1)]))
}

/** Digits that a double cannot hold stay digits, as text. */
function exact(value: bigint): number | string {
  return BigInt.asIntN(53, value) === value ? Number(value) : value.toString()
}

function read(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key)
  } catch (error) {
    return `unreadable: ${String(error)}`
  }
}
