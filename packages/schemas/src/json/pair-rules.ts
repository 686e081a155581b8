// The rules for two schemas of whatever kind: when kinds differ, and which rules follow when they do not.
import { compareArrays } from './array-rules.ts'
import { compareCombined } from './combined-rules.ts'
import type { Place } from './comparison.ts'
import type { CombinedModel, Model } from './model.ts'
import { compareObjects } from './object-rules.ts'
import { compareNumbers, compareStrings, isAmong } from './scalar-rules.ts'

/** Adds what is wrong with a pair of models, neither of which is a reference. */
export function comparePair(place: Place, reader: Model, writer: Model): void {
  if (oneOfParts(place, reader, writer)) return
  if (reader.kind !== writer.kind) {
    if (writer.kind === 'false' || reader.kind === 'empty' || reader.kind === 'true') return
    if (reader.connectType === 'bytes' && writer.connectType === 'bytes') return
    place.add('TYPE_CHANGED', `the type was changed from ${writer.kind} to ${reader.kind}`)
    return
  }
  if (reader.kind === 'string' && writer.kind === 'string') compareStrings(place, reader, writer)
  else if (reader.kind === 'number' && writer.kind === 'number') compareNumbers(place, reader, writer)
  else if (reader.kind === 'const' && writer.kind === 'const') {
    if (reader.value !== writer.value) place.at('const').add('ENUM_ARRAY_CHANGED', 'another value is allowed')
  } else if (reader.kind === 'enum' && writer.kind === 'enum') compareEnums(place, reader.values, writer.values)
  else if (reader.kind === 'combined' && writer.kind === 'combined') compareCombined(place, reader, writer)
  else if (reader.kind === 'not' && writer.kind === 'not') {
    const at = place.at('not')
    // What must not match is the other way round.
    if (!at.fits(writer.schema, reader.schema)) at.add('NOT_TYPE_EXTENDED', 'more is refused than before')
  } else if (reader.kind === 'object' && writer.kind === 'object') compareObjects(place, reader, writer)
  else if (reader.kind === 'array' && writer.kind === 'array') compareArrays(place, reader, writer)
}

/** True when a combination on one side has a part that fits the whole other side. */
function oneOfParts(place: Place, reader: Model, writer: Model): boolean {
  if (writer.kind !== 'combined' && reader.kind === 'combined') {
    const enough = reader.parts.length === 1 || reader.criterion !== 'allOf'
    return enough && reader.parts.some((part) => place.fits(part, writer))
  }
  if (writer.kind === 'combined' && reader.kind !== 'combined') {
    const parts: CombinedModel['parts'] = writer.parts
    const enough = parts.length === 1 || writer.criterion === 'allOf'
    return enough && parts.some((part) => place.fits(reader, part))
  }
  return false
}

function compareEnums(place: Place, reading: ReadonlySet<string>, written: ReadonlySet<string>): void {
  if (isAmong(written, reading)) return
  const narrowed = isAmong(reading, written)
  place.at('enum').add(narrowed ? 'ENUM_ARRAY_NARROWED' : 'ENUM_ARRAY_CHANGED', 'values are no longer allowed')
}
