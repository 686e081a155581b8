// JSON whose numbers keep every digit: offsets go beyond what a double holds, and 1.0 is not 1 to a worker.

/** `JSON.rawJSON` and the reviver's third argument: in Node.js since 22, not yet in the types. */
const raw = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
const isRaw = (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON

/** Parses; a number that a double cannot give back as it was written stays raw text, which `JSON.stringify` writes again. @throws SyntaxError */
export function parseExact(text: string): unknown {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? raw(context.source)
      : value
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown)
}

/** A whole number of {@link parseExact}, or a text of digits, as a bigint; undefined for anything else. */
export function wholeNumber(value: unknown): bigint | undefined {
  const text = isRaw(value) ? (value as { readonly rawJSON: string }).rawJSON : value
  if (typeof text !== 'number' && typeof text !== 'string') return undefined
  return /^[+-]?\d+$/.test(String(text).trim()) ? BigInt(String(text).trim()) : undefined
}

/** A bigint as a JSON number. */
export function exactNumber(value: bigint): unknown {
  return raw(String(value))
}

/** One text for equal values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null || isRaw(value)) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`
}
