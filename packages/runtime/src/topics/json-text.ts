// JSON as the reference's internal topics hold it: compact, fields in a fixed order, Jackson's escapes.
import { parseExact } from '../control/offset-json.ts'

/** The bytes of a value, as Jackson writes it. */
export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(jacksonText(JSON.stringify(value)))
}

/** A JSON text with Jackson's escapes: in upper case, and surrogates one by one, as its UTF-8 generator writes them. */
export function jacksonText(json: string): string {
  return json.replace(/\\(?:u([0-9a-f]{4})|.)|[\ud800-\udfff]/g, (found, hex: string | undefined) => {
    if (hex !== undefined) return `\\u${hex.toUpperCase()}`
    return found[0] === '\\' ? found : `\\u${found.charCodeAt(0).toString(16).toUpperCase()}`
  })
}

/** Parses a value; null for none and for no bytes, as the reference reads them. @throws SyntaxError */
export function parseJson(bytes: Uint8Array | null): unknown {
  if (bytes === null || bytes.length === 0) return null
  return parseExact(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
}

/** True for what a JSON object becomes. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}
