// Numbers in header text: the smallest type that holds them without loss, and FLOAT32 for what has a fraction.
import type { SchemaAndValue } from '../../plugin/converter.ts'
import { Decimal } from '../decimal.ts'
import { decimalBuilder } from '../logical.ts'
import { Schemas } from '../schema-builder.ts'

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n
/** More digits than any 64-bit number has: such a number is not expanded to look at it. */
const MAX_DIGITS = 40
const MAX_EXPONENT = 2_147_483_647

/**
 * The number a text holds, or null when it is none. What has a fraction is a FLOAT32 unless that overflows; it comes
 * unrounded, so that in a list without a common schema it still prints as it was written. {@link rounded} rounds it.
 */
export function parseNumber(text: string): SchemaAndValue | null {
  const decimal = parseDecimal(text)
  if (decimal === null) return null
  const integral = integerOf(decimal)
  if (integral !== null && integral >= INT64_MIN && integral <= INT64_MAX) return integerValue(integral)
  if (decimal.scale !== 0) {
    const double = decimal.toNumber()
    if (Number.isFinite(Math.fround(double))) return { schema: Schemas.FLOAT32, value: double }
    if (Number.isFinite(double)) return { schema: Schemas.FLOAT64, value: double }
  }
  return { schema: decimalBuilder(decimal.scale).build(), value: decimal }
}

/** The same value as its schema holds it. */
export function rounded(item: SchemaAndValue): SchemaAndValue {
  if (item.schema !== Schemas.FLOAT32) return item
  return { schema: item.schema, value: Math.fround(item.value as number) }
}

/** Null for what is no decimal number, or has an exponent beyond 32 bits. */
export function parseDecimal(text: string): Decimal | null {
  try {
    const decimal = Decimal.parse(text)
    return Math.abs(decimal.scale) <= MAX_EXPONENT ? decimal : null
  } catch {
    return null
  }
}

/** The integer that a decimal is, or null when it has a fraction, or is far beyond 64 bits. */
function integerOf(decimal: Decimal): bigint | null {
  const { unscaled, scale } = decimal
  if (unscaled === 0n) return 0n
  if (scale === 0) return unscaled
  if (scale < 0) return -scale > MAX_DIGITS ? null : unscaled * 10n ** BigInt(-scale)
  if (scale >= String(unscaled).length) return null
  const unit = 10n ** BigInt(scale)
  return unscaled % unit === 0n ? unscaled / unit : null
}

function integerValue(value: bigint): SchemaAndValue {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) return { schema: Schemas.INT64, value }
  const size = number < 0 ? -number - 1 : number
  if (size < 0x80) return { schema: Schemas.INT8, value: number }
  if (size < 0x8000) return { schema: Schemas.INT16, value: number }
  return { schema: size < 0x8000_0000 ? Schemas.INT32 : Schemas.INT64, value: number }
}
