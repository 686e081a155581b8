// What a field that is not set has: the default of its type, or the one that proto2 lets a field give.
import type { Value } from '@millrace/api'
import type { LinkedEnum, ProtoField, ProtoScalar } from '@millrace/schemas/protobuf'

const NOTHING = Buffer.alloc(0)

function defaultText(field: ProtoField): string | null {
  const value = field.options.find(({ name }) => name === 'default')?.value
  return value !== undefined && 'text' in value ? value.text : null
}

/** The default of a scalar field. */
export function scalarDefault({ declared }: { readonly declared: ProtoField }, scalar: ProtoScalar): Value {
  const text = defaultText(declared)
  switch (scalar) {
    case 'bool':
      return text === 'true'
    case 'string':
      return text ?? ''
    case 'bytes':
      return text === null ? NOTHING : unescapeBytes(text)
    case 'double':
      return text === null ? 0 : floatOf(text)
    case 'float':
      return text === null ? 0 : Math.fround(floatOf(text))
    case 'int64':
    case 'sint64':
    case 'uint64':
    case 'fixed64':
    case 'sfixed64':
      return text === null ? 0 : narrow(BigInt.asIntN(64, wholeOf(text)))
    case 'uint32':
    case 'fixed32':
      return text === null ? 0 : Number(BigInt.asUintN(32, wholeOf(text)))
    default:
      return text === null ? 0 : Number(BigInt.asIntN(32, wholeOf(text)))
  }
}

/** The default of a field of an enumeration: its first value, if the field gives none. */
export function enumDefault(declared: ProtoField, type: LinkedEnum, asNumber: boolean): Value {
  const text = defaultText(declared)
  const { values } = type.declared
  const value = values.find(({ name }) => name === text) ?? values[0]
  return asNumber ? (value?.number ?? 0) : (value?.name ?? '')
}

function floatOf(text: string): number {
  const lower = text.toLowerCase()
  if (lower === 'inf' || lower === '+inf') return Number.POSITIVE_INFINITY
  if (lower === '-inf') return Number.NEGATIVE_INFINITY
  return lower.endsWith('nan') ? Number.NaN : Number(text)
}
/** Decimal, octal (`017`) or hexadecimal (`0x1f`). */
function wholeOf(text: string): bigint {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '')
  try {
    const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
    return negative ? -value : value
  } catch {
    return 0n
  }
}
function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** Bytes of a text with C's escapes. */
function unescapeBytes(text: string): Buffer {
  const parts = text.match(/\\x[0-9a-fA-F]{1,2}|\\[0-7]{1,3}|\\[\s\S]|[^\\]+/g) ?? []
  return Buffer.concat(
    parts.map((part) => {
      if (!part.startsWith('\\')) return Buffer.from(part)
      if (part[1] === 'x') return Buffer.from([Number.parseInt(part.slice(2), 16)])
      if (/[0-7]/.test(part[1] as string)) return Buffer.from([Number.parseInt(part.slice(1), 8) & 255])
      const code = ESCAPES[part[1] as string]
      return code === undefined ? Buffer.from(part.slice(1)) : Buffer.from([code])
    }),
  )
}
