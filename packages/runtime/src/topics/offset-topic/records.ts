// Keys and values of the offset topic: `["<connector>",{<partition>}]` and `{<offset>}`.
import type { OffsetMap } from '@millrace/api'
import { isOffsetMap, stringifyOffset } from '../../control/offset-json.ts'
import { jacksonText, parseJson } from '../json-text.ts'

/** The key of a source partition; its fields in the order in which the connector gave them. @throws DataException */
export function offsetKey(connector: string, partition: OffsetMap): Buffer {
  return Buffer.from(jacksonText(`[${JSON.stringify(connector)},${stringifyOffset(partition)}]`))
}

/** The value of an offset; null is a tombstone. @throws DataException for what JSON cannot hold */
export function offsetValue(offset: OffsetMap | null): Buffer | null {
  return offset === null ? null : Buffer.from(jacksonText(stringifyOffset(offset)))
}

/** Connector and partition of a key; undefined for a key of another shape. */
export function parseOffsetKey(
  key: Buffer | null,
): { readonly connector: string; readonly partition: OffsetMap } | undefined {
  const parsed = parsedOrUndefined(key)
  if (!Array.isArray(parsed) || parsed.length !== 2) return undefined
  const [connector, partition] = parsed as unknown[]
  return typeof connector === 'string' && isOffsetMap(partition) ? { connector, partition } : undefined
}

/** The offset of a value; undefined for a value of another shape, null for none. */
export function parseOffsetValue(value: Buffer | null): OffsetMap | null | undefined {
  const parsed = parsedOrUndefined(value)
  return parsed === null || isOffsetMap(parsed) ? parsed : undefined
}

function parsedOrUndefined(bytes: Buffer | null): unknown {
  try {
    return parseJson(bytes)
  } catch {
    return undefined
  }
}
