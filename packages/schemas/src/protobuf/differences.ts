// Differences between two Protobuf schemas, by the names of the reference's checker.

/** Differences with which readers of either schema get along. */
const HARMLESS_TYPES = [
  'MESSAGE_ADDED',
  'MESSAGE_MOVED',
  'ENUM_ADDED',
  'ENUM_REMOVED',
  'ENUM_CONST_ADDED',
  'ENUM_CONST_CHANGED',
  'ENUM_CONST_REMOVED',
  'FIELD_ADDED',
  'FIELD_REMOVED',
  'FIELD_NAME_CHANGED',
  'FIELD_STRING_OR_BYTES_LABEL_CHANGED',
  'ONEOF_ADDED',
  'ONEOF_REMOVED',
  'ONEOF_FIELD_ADDED',
  'ONEOF_FIELD_MOVED_TO_TOP_LEVEL',
] as const

/** What the others are told with; `PATH` is where, `%s` first the schema that reads and then the one that wrote. */
const REASONS = {
  PACKAGE_CHANGED: "The package at 'PATH' in the %s schema does not match the package in the %s schema",
  MESSAGE_REMOVED: "The %s schema is missing a MESSAGE type at path 'PATH' in the %s schema",
  FIELD_KIND_CHANGED: "The type of a field at path 'PATH' in the %s schema does not match the %s schema",
  FIELD_SCALAR_KIND_CHANGED:
    "The kind of a SCALAR field at path 'PATH' in the %s schema does not match its kind in the %s schema",
  FIELD_NAMED_TYPE_CHANGED:
    "The type of a MESSAGE field at path 'PATH' in the %s schema does not match its type in the %s schema",
  FIELD_NUMERIC_LABEL_CHANGED:
    "The label for a NUMERIC field at path 'PATH' in the %s schema does not match its label in the %s schema",
  REQUIRED_FIELD_ADDED: "A required field  at path 'PATH' in the %s schema is missing in the %s schema",
  REQUIRED_FIELD_REMOVED: "The %s schema is missing a required field at path: 'PATH' in the %s schema",
  ONEOF_FIELD_REMOVED: "The %s schema is missing a oneof field at path 'PATH' in the %s schema",
  MULTIPLE_FIELDS_MOVED_TO_ONEOF:
    "Multiple fields in the oneof at path 'PATH' in the %s schema are outside a oneof in the %s schema",
  FIELD_MOVED_TO_EXISTING_ONEOF:
    "A field in the oneof at path 'PATH' in the %s schema is outside an existing oneof in the %s schema",
} as const

type HarmlessType = (typeof HARMLESS_TYPES)[number]
type HarmfulType = keyof typeof REASONS
export type DifferenceType = HarmlessType | HarmfulType

/** One difference. */
export interface Difference {
  readonly type: DifferenceType
  /** Names of types and `oneof`s and numbers of fields from the outermost on: `#/Order/Item/3`. */
  readonly path: string
}

export const HARMLESS: ReadonlySet<DifferenceType> = new Set(HARMLESS_TYPES)

/** The sentence about a difference; `%s` stands for `new` or `old`, first for the schema that reads. */
export function reasonFor(type: DifferenceType, path: string): string {
  return type in REASONS ? REASONS[type as HarmfulType].replace('PATH', () => path) : ''
}
