// The names by which Connect's and Protobuf's schemas know each other: parameters, well-known types, and how names are made valid.
import type { Schema } from '@millrace/api'
import type { LinkedField, LinkedMessage } from '@millrace/schemas/protobuf'

const NAMESPACE = 'io.confluent.connect.protobuf'
export const DEFAULT_NAME = 'ConnectDefault'
export const ENTRY_SUFFIX = 'Entry'
export const KEY = 'key'
export const VALUE = 'value'

/** Parameters of Connect schemas that carry what Protobuf knows. */
export const Param = {
  ENUM: `${NAMESPACE}.Enum`,
  TAG: `${NAMESPACE}.Tag`,
  TYPE: `${NAMESPACE}.Type`,
  WRAPPER: `${NAMESPACE}.Wrapper`,
  GENERAL_ENUM: 'org.apache.kafka.connect.data.Enum',
  GENERAL_UNION: 'org.apache.kafka.connect.data.Union',
  DECIMAL_PRECISION: 'connect.decimal.precision',
  SCALE: 'scale',
} as const

/** Names of parameters in a field's `(confluent.field_meta)` option. */
export const Meta = {
  OPTION: '(confluent.field_meta)',
  TYPE: 'connect.type',
  PRECISION: 'precision',
  SCALE: 'scale',
} as const

export const UNION_NAME = `${NAMESPACE}.Union`
export const UNION_PREFIX = `${UNION_NAME}.`
export const VARIANT_NAME = 'org.apache.kafka.connect.data.Variant'

/** Messages that stand for Connect's logical types. */
export const WellKnown = {
  DECIMAL: 'confluent.type.Decimal',
  VARIANT: 'confluent.type.Variant',
  DATE: 'google.type.Date',
  TIME: 'google.type.TimeOfDay',
  TIMESTAMP: 'google.protobuf.Timestamp',
} as const

/** The Connect type of the one value in each wrapper message. */
export const WRAPPERS: ReadonlyMap<string, Schema['type']> = new Map([
  ['google.protobuf.DoubleValue', 'FLOAT64'],
  ['google.protobuf.FloatValue', 'FLOAT32'],
  ['google.protobuf.Int64Value', 'INT64'],
  ['google.protobuf.UInt64Value', 'INT64'],
  ['google.protobuf.Int32Value', 'INT32'],
  ['google.protobuf.UInt32Value', 'INT64'],
  ['google.protobuf.BoolValue', 'BOOLEAN'],
  ['google.protobuf.StringValue', 'STRING'],
  ['google.protobuf.BytesValue', 'BYTES'],
])

/** Where the messages that a converter uses are declared. */
export const LOCATIONS: ReadonlyMap<string, string> = new Map([
  [WellKnown.DECIMAL, 'confluent/type/decimal.proto'],
  [WellKnown.VARIANT, 'confluent/type/variant.proto'],
  [WellKnown.DATE, 'google/type/date.proto'],
  [WellKnown.TIME, 'google/type/timeofday.proto'],
  [WellKnown.TIMESTAMP, 'google/protobuf/timestamp.proto'],
  ...[...WRAPPERS.keys()].map((name): [string, string] => [name, 'google/protobuf/wrappers.proto']),
])

/** True for a struct that stands for a `oneof`: one of its fields is set. */
export function isUnionSchema(schema: Schema): boolean {
  return schema.name?.startsWith(UNION_NAME) === true || schema.parameters?.has(Param.GENERAL_UNION) === true
}
/** True for the schema of an enumeration's values. */
export function isEnumSchema(schema: Schema): boolean {
  return schema.parameters?.has(Param.GENERAL_ENUM) === true || schema.parameters?.has(Param.ENUM) === true
}

/** The name of the message behind a map field, as the protocol compiler names it. */
export function entryName(field: string): string {
  return (field.includes('_') ? upperCamel(field) : field) + ENTRY_SUFFIX
}
/** The name of a map by that of the message behind it, with what stands before its last dot. */
export function mapName(entry: string): string {
  const dot = entry.lastIndexOf('.') + 1
  const last = entry.slice(dot)
  if (!last.endsWith(ENTRY_SUFFIX)) return entry
  return entry.slice(0, dot) + lowerUnderscore(last.slice(0, -ENTRY_SUFFIX.length))
}
/** As Guava's LOWER_UNDERSCORE to UPPER_CAMEL: the first letter of each word is upper, the rest lower. */
function upperCamel(name: string): string {
  return name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
    .join('')
}
/** As Guava's UPPER_CAMEL to LOWER_UNDERSCORE: a word begins at each upper letter. */
function lowerUnderscore(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : '_') + letter.toLowerCase())
}

/** The wrapper's one field. */
export function wrappedField(message: LinkedMessage): LinkedField | undefined {
  return WRAPPERS.has(message.fullName) ? message.fields.find(({ name }) => name === VALUE) : undefined
}

const VALID = /^[A-Za-z][A-Za-z0-9_]*$/

/** A name that Protobuf allows; characters that it does not allow become their URL encoding, with _ for the percent sign. */
export function scrubName(name: string, scrub: boolean): string {
  if (!scrub || name === '' || VALID.test(name)) return name
  const encoded = formEncode(name)
  return (/^[0-9_]/.test(encoded) ? `x${encoded}` : encoded).replace(/[^A-Za-z0-9_]/g, '_')
}

/** As Java's URLEncoder: letters, digits and `.-*_` stay, a space is a plus sign, the rest is %XX of its UTF-8. */
function formEncode(text: string): string {
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'))
  return encoded.replace(/%20/g, '+').replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
