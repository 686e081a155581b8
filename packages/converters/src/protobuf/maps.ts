// Maps on the wire: lists of messages of a key and a value. The message behind a map field stands in no text; here it is made.
import type { LinkedField, LinkedMessage, LinkedType } from '@millrace/schemas/protobuf'
import { ENTRY_SUFFIX, entryName, KEY, VALUE } from './names.ts'

/** The message that is one entry of a map, and its two fields. */
export interface MapParts {
  readonly entry: LinkedMessage
  readonly key: LinkedField
  readonly value: LinkedField
}

/** True for a field that is a map, or looks like one: messages of a key and a value, under the name that maps give them. */
export function isMap(field: LinkedField): boolean {
  if (field.mapKey !== null) return true
  return writtenEntry(field)?.fields.every(({ repeated }) => !repeated) === true
}
/** True for a field that maps can be written to: one whose values are maps or lists is read as a list of messages. */
export function takesMaps(field: LinkedField): boolean {
  return field.mapKey !== null || writtenEntry(field) !== null
}
/** The message of a map that is written out as a list of messages: so the reference registers the maps of Connect schemas. */
function writtenEntry(field: LinkedField): LinkedMessage | null {
  if (!field.repeated || field.mapKey !== null || field.type.kind !== 'message' || field.type.group) return null
  const { type } = field.type
  const [key, value] = type.fields
  const isEntry =
    type.declared.name.endsWith(ENTRY_SUFFIX) && type.fields.length === 2 && key?.name === KEY && value?.name === VALUE
  return isEntry ? type : null
}

/** The parts of a field for which {@link takesMaps} holds. */
export function mapParts(message: LinkedMessage, field: LinkedField): MapParts {
  const written = writtenEntry(field)
  if (written !== null) {
    const [key, value] = written.fields as [LinkedField, LinkedField]
    return { entry: written, key, value }
  }
  const key = part(KEY, 1, { kind: 'scalar', scalar: field.mapKey ?? 'string' })
  const value = part(VALUE, 2, field.type)
  const name = entryName(field.name)
  const entry: LinkedMessage = {
    kind: 'message',
    fullName: `${message.fullName}.${name}`,
    declared: {
      kind: 'message',
      name,
      fields: [key.declared, value.declared],
      oneofs: [],
      types: [],
      options: [],
      reserved: [],
      extensionRanges: [],
      extensions: [],
      group: false,
    },
    syntax: message.syntax,
    indexes: [],
    parent: message,
    messages: [],
    enums: [],
    fields: [key, value],
  }
  return { entry, key, value }
}

function part(name: string, number: number, type: LinkedType): LinkedField {
  const typeName = type.kind === 'scalar' ? type.scalar : type.type.fullName
  return {
    declared: {
      name,
      number,
      label: null,
      type: typeName,
      mapKey: null,
      oneof: null,
      group: false,
      options: [],
    },
    name,
    number,
    jsonName: name,
    repeated: false,
    required: false,
    hasPresence: type.kind === 'message',
    packed: false,
    type,
    mapKey: null,
    oneof: null,
  }
}
