// Offsets as JSON, exactly: integers beyond 2^53 keep every digit.
import { DataException, type OffsetMap } from '@millrace/api'

/** JSON text of a flat map; keys in their own order. @throws DataException for a value that JSON cannot hold */
export function stringifyOffset(map: OffsetMap | null): string {
  if (map === null) return 'null'
  return `{${Object.entries(map)
    .map(([key, value]) => `${JSON.stringify(key)}:${primitive(key, value)}`)
    .join(',')}}`
}

/** A text that is the same for equal partitions, whatever the order of their keys. */
export function partitionKey(connector: string, partition: OffsetMap): string {
  const entries = Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `${JSON.stringify(connector)}${stringifyOffset(Object.fromEntries(entries))}`
}

/** Only so many digits in a row can be more than a number holds. Looking for them is far cheaper than looking at each value. */
const MANY_DIGITS = /\d{16}/

/** Parses JSON; integers that a number cannot hold become bigints. @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text)
  return JSON.parse(text, function exact(_key, value: unknown, context?: { readonly source?: string }) {
    const source = context?.source
    return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value
  } as (key: string, value: unknown) => unknown)
}

/** True for an object whose values are all primitives: what partitions and offsets may be. */
export function isOffsetMap(value: unknown): value is OffsetMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(
    (one) => one === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof one),
  )
}

function primitive(key: string, value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new DataException(`The offset value of '${key}' is ${value}, which JSON cannot hold`)
  }
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return JSON.stringify(value)
  throw new DataException(`The offset value of '${key}' is no string, number, boolean or null`)
}
