// What the syntax, or the edition's features, say about a field.
// Source: https://protobuf.dev/editions/features/
import type { ProtoField, ProtoFile, ProtoOption } from './model.ts'
import { optionText, optionValue } from './options.ts'

type Options = readonly ProtoOption[]

/** What the options around a field say, innermost first; the last are those of the file. */
export interface FieldSurroundings {
  readonly syntax: ProtoFile['syntax']
  readonly options: readonly Options[]
}

/** Whether a field must be set. */
export function isRequired(field: ProtoField, around: FieldSurroundings): boolean {
  if (around.syntax !== 'editions') return field.label === 'required'
  return feature('field_presence', field, around) === 'LEGACY_REQUIRED'
}

/** Whether the wire tells a singular scalar field that is not set from one with its type's zero value. */
export function tracksPresence(field: ProtoField, around: FieldSurroundings): boolean {
  if (field.oneof !== null) return true
  if (around.syntax === 'proto2') return true
  if (around.syntax === 'proto3') return field.label === 'optional'
  return feature('field_presence', field, around) !== 'IMPLICIT'
}

/** Whether repeated numbers are written as one run. */
export function isPacked(field: ProtoField, around: FieldSurroundings): boolean {
  if (around.syntax === 'editions') return feature('repeated_field_encoding', field, around) !== 'EXPANDED'
  const packed = optionText(field.options, 'packed')
  return packed === undefined ? around.syntax === 'proto3' : packed === 'true'
}

/** Whether a message is written between start and end marks instead of after its length. */
export function isDelimited(field: ProtoField, around: FieldSurroundings): boolean {
  if (around.syntax !== 'editions') return field.group
  return feature('message_encoding', field, around) === 'DELIMITED'
}

function feature(name: string, field: ProtoField, around: FieldSurroundings): string | undefined {
  for (const options of [field.options, ...around.options]) {
    const text = optionText(options, `features.${name}`)
    if (text !== undefined) return text
    const whole = optionValue(options, 'features')
    const value = whole?.kind === 'message' ? whole.fields.find(([field]) => field === name)?.[1] : undefined
    if (value?.kind === 'name') return value.text
  }
  return undefined
}
