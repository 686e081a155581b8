// decimal.handling.mode and binary.handling.mode: exact numbers from text, bytes in one of four forms.
import { Decimal, decimalBuilder, SchemaBuilder, type Value } from '@millrace/api'
import type { ColumnMapping } from '../dialect.ts'
import { variableScaleDecimalBuilder } from '../schema/types.ts'

export type DecimalMode = 'precise' | 'double' | 'string'
export type BinaryMode = 'bytes' | 'base64' | 'base64-url-safe' | 'hex'

/**
 * A decimal column of a fixed scale. Raw values are text (or numbers) that {@link Decimal.parse} reads; a smaller scale is
 * filled up with zeros, a larger one is an error, not a rounding.
 */
export function decimalMapping(mode: DecimalMode, precision: number, scale: number): ColumnMapping {
  if (mode === 'double') return { schema: SchemaBuilder.float64(), convert: toDouble, fallback: 0 }
  if (mode === 'string') {
    return {
      schema: SchemaBuilder.string(),
      convert: (raw) => toScale(String(raw), scale).toPlainString(),
      fallback: '0',
    }
  }
  return {
    schema: decimalBuilder(scale).parameter('connect.decimal.precision', String(precision)),
    convert: (raw) => toScale(String(raw), scale),
    fallback: new Decimal(0n, scale),
  }
}

/** A decimal column of any scale: `io.debezium.data.VariableScaleDecimal` with `precise`. */
export function variableDecimalMapping(mode: DecimalMode): ColumnMapping {
  if (mode === 'double') return { schema: SchemaBuilder.float64(), convert: toDouble, fallback: 0 }
  if (mode === 'string') {
    return {
      schema: SchemaBuilder.string(),
      convert: (raw) => Decimal.parse(String(raw)).toPlainString(),
      fallback: '0',
    }
  }
  const zero = Object.freeze({ scale: 0, value: Buffer.from([0]) })
  return {
    schema: variableScaleDecimalBuilder(),
    convert: (raw) => {
      const { scale, ...decimal } = Decimal.parse(String(raw))
      return { scale, value: new Decimal(decimal.unscaled, scale).toBytes() }
    },
    fallback: zero,
  }
}

/** The number with exactly this scale. @throws RangeError when it is no number, or has more digits behind the point */
export function toScale(text: string, scale: number): Decimal {
  const value = Decimal.parse(text)
  if (value.scale === scale) return value
  if (value.scale < scale) return new Decimal(value.unscaled * 10n ** BigInt(scale - value.scale), scale)
  const divisor = 10n ** BigInt(value.scale - scale)
  if (value.unscaled % divisor !== 0n) throw new RangeError(`${text} has more than ${scale} digits behind the point`)
  return new Decimal(value.unscaled / divisor, scale)
}

/** Not-a-number and infinities are allowed here: a double can say them. */
function toDouble(raw: unknown): Value {
  const value = Number(raw)
  if (Number.isNaN(value) && raw !== 'NaN') throw new RangeError(`Not a number: ${raw}`)
  return value
}

const ENCODERS: Readonly<Record<BinaryMode, (bytes: Buffer) => Value>> = {
  bytes: (bytes) => bytes,
  base64: (bytes) => bytes.toString('base64'),
  // With padding, as Java's encoder.
  'base64-url-safe': (bytes) => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  hex: (bytes) => bytes.toString('hex'),
}

/** A binary column. `decode` gives the bytes of a raw value that is not one already. */
export function binaryMapping(
  mode: BinaryMode,
  placeholder: string,
  decode: (raw: unknown) => Buffer = (raw) => raw as Buffer,
): ColumnMapping {
  const encode = ENCODERS[mode]
  return {
    schema: mode === 'bytes' ? SchemaBuilder.bytes() : SchemaBuilder.string(),
    convert: (raw) => encode(decode(raw)),
    fallback: mode === 'bytes' ? Buffer.alloc(0) : '',
    unavailable: encode(Buffer.from(placeholder, 'utf8')),
  }
}
