// The names by which Connect's and Avro's schemas know each other: properties, parameters, and how names are made valid.
import { LogicalName, type Schema } from '@millrace/api'
import { type AvroSchema, isNamed } from '@millrace/schemas/avro'
import type { AvroOptions } from './config.ts'

export const NAMESPACE = 'io.confluent.connect.avro'
export const DEFAULT_NAME = 'ConnectDefault'
export const MAP_ENTRY = 'MapEntry'
export const ANYTHING_NAME = `${NAMESPACE}.Anything`

/** Properties of Avro schemas that carry what Connect knows. */
export const Prop = {
  NAME: 'connect.name',
  DOC: 'connect.doc',
  VERSION: 'connect.version',
  DEFAULT: 'connect.default',
  PARAMETERS: 'connect.parameters',
  TYPE: 'connect.type',
  INTERNAL_TYPE: 'connect.internal.type',
  LOGICAL_TYPE: 'logicalType',
  PRECISION: 'precision',
  SCALE: 'scale',
} as const

/** Parameters of Connect schemas that carry what Avro knows. */
export const Param = {
  RECORD_DOC: `${NAMESPACE}.record.doc`,
  CONNECT_RECORD_DOC: 'connect.record.doc',
  CONNECT_ENUM_DOC: 'connect.enum.doc',
  ENUM_DOC: `${NAMESPACE}.enum.doc.`,
  ENUM_DEFAULT: `${NAMESPACE}.enum.default.`,
  FIELD_DOC: `${NAMESPACE}.field.doc.`,
  FIELD_DEFAULT: `${NAMESPACE}.field.default`,
  FIXED_SIZE: 'connect.fixed.size',
  DECIMAL_PRECISION: 'connect.decimal.precision',
  SCALE: 'scale',
  ENUM: `${NAMESPACE}.Enum`,
  GENERAL_ENUM: 'org.apache.kafka.connect.data.Enum',
  GENERAL_UNION: 'org.apache.kafka.connect.data.Union',
} as const

export const UNION_NAME = `${NAMESPACE}.Union`
export const GENERAL_UNION_PREFIX = 'connect_union_'
export const GENERAL_FIELD_PREFIX = 'connect_union_field_'
/** Parameters and properties that begin so go along as they are. */
export const AVRO_PREFIX = 'avro'
export const DEFAULT_PRECISION = 64

/** True for a struct that stands for a union: each field is one of its types. */
export function isUnionSchema(schema: Schema): boolean {
  return schema.name === UNION_NAME || schema.parameters?.has(Param.GENERAL_UNION) === true
}
export function isEnumSchema(schema: Schema): boolean {
  const { parameters } = schema
  return (
    schema.type === 'STRING' && (parameters?.has(Param.GENERAL_ENUM) === true || parameters?.has(Param.ENUM) === true)
  )
}
/** True for bytes that stand for an Avro fixed. */
export function isFixedSchema(schema: Schema): boolean {
  return schema.type === 'BYTES' && schema.name !== null && schema.parameters?.has(Param.FIXED_SIZE) === true
}
export function isDecimal(schema: Schema): boolean {
  return schema.name === LogicalName.DECIMAL
}

/** True for a record that is one entry of a map: maps whose keys are no strings are arrays of those. */
export function isMapEntry(schema: AvroSchema): boolean {
  if (schema.type !== 'record') return false
  return (
    (schema.namespace === NAMESPACE && schema.name === MAP_ENTRY) || schema.props.get(Prop.INTERNAL_TYPE) === MAP_ENTRY
  )
}
/** True for a Connect map that is an Avro map. */
export function hasStringKeys(schema: Schema, options: AvroOptions): boolean {
  const key = schema.keySchema
  return key !== null && key.type === 'STRING' && (!key.optional || options.optionalMapKeys)
}

/** The field of a union's struct for a member. */
export function memberField(schema: AvroSchema, index: number, options: AvroOptions): string {
  if (options.generalized) return GENERAL_FIELD_PREFIX + index
  if (!isNamed(schema)) return schema.type
  return options.enhanced ? schema.fullName : (splitName(schema.name, options.scrub).name ?? '')
}

const VALID = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A name that Avro allows; characters that it does not allow become their URL encoding, with _ for the percent sign. */
export function scrubName(name: string, scrub: boolean): string {
  if (!scrub || name === '' || VALID.test(name)) return name
  const encoded = formEncode(name)
  return (/^[0-9]/.test(encoded) ? `x${encoded}` : encoded).replace(/[^A-Za-z0-9_]/g, '_')
}

/** As Java's URLEncoder: letters, digits and `.-*_` stay, a space is a plus sign, the rest is %XX of its UTF-8. */
function formEncode(text: string): string {
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'))
  return encoded.replace(/%20/g, '+').replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A dotted name in its two parts, each scrubbed. */
export function splitName(
  fullName: string | null,
  scrub: boolean,
): { readonly namespace: string | null; readonly name: string | null } {
  if (fullName === null || fullName === '') return { namespace: null, name: fullName }
  const parts = fullName.split('.')
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  const scrubbed = parts.map((part) => scrubName(part, scrub))
  return {
    namespace: scrubbed.length <= 1 ? null : scrubbed.slice(0, -1).join('.'),
    name: scrubbed.at(-1) ?? '',
  }
}

/** A dotted name with each part scrubbed. */
export function scrubFullName(name: string | null, scrub: boolean): string | null {
  if (name === null || !scrub) return name
  const split = splitName(name, scrub)
  return split.namespace === null ? split.name : `${split.namespace}.${split.name}`
}
