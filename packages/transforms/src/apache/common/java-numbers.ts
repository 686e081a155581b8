// Numbers in texts as Java's parsers read them.

const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)$/
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)[dDfF]?$/
const HEX_BITS = 4

/** `Byte.parseByte` to `Long.parseLong`. @throws RangeError for a text that is no integer of so many bits */
export function parseInteger(text: string, bits: 8 | 16 | 32 | 64): number | bigint {
  if (!INTEGER.test(text)) throw new RangeError(`For input string: "${text}"`)
  const number = Number(text)
  if (Number.isSafeInteger(number)) {
    const limit = 2 ** (bits - 1)
    if (number >= limit || number < -limit) throw new RangeError(`Value out of range. Value:"${text}"`)
    return number === 0 ? 0 : number
  }
  const exact = BigInt(text.replace(/^\+/, ''))
  if (BigInt.asIntN(bits, exact) !== exact) throw new RangeError(`Value out of range. Value:"${text}"`)
  return exact
}

/** `Double.parseDouble`: spaces around are allowed. @throws RangeError for a text that is no number */
export function parseDouble(text: string): number {
  // Java trims all control characters, JavaScript's trim also others.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is trimmed
  const trimmed = text.replace(/^[\x00- ]+|[\x00- ]+$/g, '')
  if (DECIMAL.test(trimmed)) return Number(trimmed.replace(/(?<!Na|Infinit)[dDfF]$/, ''))
  const hex = HEXADECIMAL.exec(trimmed)
  const digits = `${hex?.[2] ?? ''}${hex?.[3] ?? ''}`
  if (hex === null || digits === '') throw new RangeError(`For input string: "${text}"`)
  const value = Number(`0x${digits}`) * 2 ** (Number(hex[4]) - HEX_BITS * (hex[3] as string).length)
  return hex[1] === '-' ? -value : value
}
