// An exact decimal number: an unscaled integer and a scale, as java.math.BigDecimal, in its text and byte forms.

const BRAND = Symbol.for('millrace.Decimal')
/** Widest integer that a Buffer reads as a number. */
const MAX_INT_BYTES = 6
const LITERAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/**
 * `unscaled × 10^-scale`. Immutable. Two decimals of different scale are different values (1.0 is not 1.00), as in Java.
 */
export class Decimal {
  readonly unscaled: bigint
  /** Digits after the point; negative for powers of ten. */
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
    Object.freeze(this)
  }

  get [BRAND](): true {
    return true
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  /**
   * Reads `123`, `-1.50`, `1E+3`; the scale is the text's own.
   * @throws RangeError when the text is not a decimal number
   */
  static parse(text: string): Decimal {
    const parts = LITERAL.exec(text)
    const whole = parts?.[2] ?? ''
    const fraction = parts?.[3] ?? ''
    if (parts === null || whole.length + fraction.length === 0) throw new RangeError(`Not a decimal number: ${text}`)
    const unscaled = BigInt(whole + fraction)
    return new Decimal(parts[1] === '-' ? -unscaled : unscaled, fraction.length - Number(parts[4] ?? 0))
  }

  /** Reads the big-endian two's complement bytes of `BigInteger.toByteArray`. No bytes read as zero. */
  static fromBytes(bytes: Uint8Array, scale: number): Decimal {
    const { length } = bytes
    if (length === 0) return new Decimal(0n, scale)
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, length)
    if (length <= MAX_INT_BYTES) return new Decimal(BigInt(buffer.readIntBE(0, length)), scale)
    return new Decimal(BigInt.asIntN(length * 8, BigInt(`0x${buffer.toString('hex')}`)), scale)
  }

  /** Big-endian two's complement of the unscaled value in the fewest bytes, as `BigInteger.toByteArray`. */
  toBytes(): Buffer {
    // A sign bit more than the value has, or than its complement when it is negative.
    const bits = (this.unscaled < 0n ? ~this.unscaled : this.unscaled).toString(16).length * 4 + 1
    let length = Math.ceil(bits / 8)
    if (length > 1 && BigInt.asIntN((length - 1) * 8, this.unscaled) === this.unscaled) length--
    const hex = BigInt.asUintN(length * 8, this.unscaled).toString(16)
    return Buffer.from(hex.padStart(length * 2, '0'), 'hex')
  }

  /** Java's `BigDecimal.toString`: plain, or scientific when the scale is negative or the exponent is below -6. */
  toString(): string {
    const negative = this.unscaled < 0n
    const digits = (negative ? -this.unscaled : this.unscaled).toString()
    const sign = negative ? '-' : ''
    const exponent = digits.length - 1 - this.scale
    if (this.scale === 0) return sign + digits
    if (this.scale > 0 && exponent >= -6) return sign + plain(digits, this.scale)
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`
    const power = exponent === 0 ? '' : `E${exponent > 0 ? '+' : ''}${exponent}`
    return sign + mantissa + power
  }

  /** Plain digits without exponent, as `BigDecimal.toPlainString`. */
  toPlainString(): string {
    const negative = this.unscaled < 0n
    const digits = (negative ? -this.unscaled : this.unscaled).toString()
    const text = this.scale > 0 ? plain(digits, this.scale) : digits === '0' ? '0' : digits + '0'.repeat(-this.scale)
    return negative ? `-${text}` : text
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString())
  }

  equals(other: unknown): boolean {
    return other instanceof Decimal && other.unscaled === this.unscaled && other.scale === this.scale
  }
}

function plain(digits: string, scale: number): string {
  const padded = digits.padStart(scale + 1, '0')
  return `${padded.slice(0, padded.length - scale)}.${padded.slice(padded.length - scale)}`
}
