// The rules for strings and numbers, and for limits wherever they stand.
import type { JsonNumber } from '../json-text.ts'
import type { Place } from './comparison.ts'
import type { NumberModel, StringModel } from './model.ts'

/** Names of what is found begin with the keyword: `maxLength` gives `MAX_LENGTH_ADDED`. */
type Limits<Name extends string> = { readonly [N in Name]?: JsonNumber }

/** A limit upwards that is new, or lower than before. */
export function compareUpper<Name extends string>(
  place: Place,
  name: Name,
  reader: Limits<Name>,
  writer: Limits<Name>,
): void {
  compareLimit(place, name, reader[name], writer[name], 1)
}

/** A limit downwards that is new, or higher than before. */
export function compareLower<Name extends string>(
  place: Place,
  name: Name,
  reader: Limits<Name>,
  writer: Limits<Name>,
): void {
  compareLimit(place, name, reader[name], writer[name], -1)
}

function compareLimit(
  place: Place,
  name: string,
  reading: JsonNumber | undefined,
  written: JsonNumber | undefined,
  sign: 1 | -1,
): void {
  if (reading === undefined) return
  const stem = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  if (written === undefined) place.at(name).add(`${stem}_ADDED`, `${name} ${reading.text} was added`)
  else if (sign > 0 ? reading.value < written.value : reading.value > written.value) {
    const type = `${stem}_${sign > 0 ? 'DECREASED' : 'INCREASED'}`
    place.at(name).add(type, `${name} was changed from ${written.text} to ${reading.text}`)
  }
}

export function compareStrings(place: Place, reader: StringModel, writer: StringModel): void {
  compareUpper(place, 'maxLength', reader, writer)
  compareLower(place, 'minLength', reader, writer)
  if (reader.pattern === undefined || reader.pattern === writer.pattern) return
  const type = writer.pattern === undefined ? 'PATTERN_ADDED' : 'PATTERN_CHANGED'
  place.at('pattern').add(type, 'the text must match another pattern')
}

export function compareNumbers(place: Place, reader: NumberModel, writer: NumberModel): void {
  compareUpper(place, 'maximum', reader, writer)
  compareLower(place, 'minimum', reader, writer)
  compareUpper(place, 'exclusiveMaximum', reader, writer)
  compareLower(place, 'exclusiveMinimum', reader, writer)
  compareMultiples(place.at('multipleOf'), reader.multipleOf, writer.multipleOf)
  if (reader.integer === true && writer.integer !== true) place.add('TYPE_NARROWED', 'only integers are allowed now')
}

function compareMultiples(place: Place, reading: JsonNumber | undefined, written: JsonNumber | undefined): void {
  if (reading === undefined) return
  if (written === undefined) {
    place.add('MULTIPLE_OF_ADDED', `multipleOf ${reading.text} was added`)
    return
  }
  const [reader, writer] = sameScale(reading.text, written.text)
  if (reader === writer) return
  const expanded = writer !== 0n && reader % writer === 0n
  if (!expanded && reader !== 0n && writer % reader === 0n) return
  const type = expanded ? 'MULTIPLE_OF_EXPANDED' : 'MULTIPLE_OF_CHANGED'
  place.add(type, `multipleOf was ${written.text}, is ${reading.text}`)
}

/** Two decimal numbers as integers of one scale, so that remainders are exact. */
function sameScale(a: string, b: string): [bigint, bigint] {
  const [one, two] = [decimal(a), decimal(b)]
  const scale = Math.max(one.scale, two.scale)
  return [one.unscaled * 10n ** BigInt(scale - one.scale), two.unscaled * 10n ** BigInt(scale - two.scale)]
}

/** Numbers beyond any use are cut, so that a text of few letters cannot ask for a number of a million digits. */
const MOST_DIGITS = 400

function decimal(text: string): { unscaled: bigint; scale: number } {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const shift = Math.max(-MOST_DIGITS, Math.min(MOST_DIGITS, Number(exponent)))
  const scale = fraction.length - shift
  const digits = BigInt(`${sign}${whole}${fraction}`)
  return scale < 0 ? { unscaled: digits * 10n ** BigInt(-scale), scale: 0 } : { unscaled: digits, scale }
}

/** Whether all of `some` are among `others`. */
export function isAmong(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size <= others.size && [...some].every((one) => others.has(one))
}
