// The names by which Connect's schemas and JSON schemas know each other: members of the schema text, parameters, names.
import type { Field, Schema } from '@millrace/api'

/** Parameters that begin so are the converter's own and do not go into the text. */
export const NAMESPACE = 'io.confluent.connect.json'

/** Members of a JSON schema that carry what Connect knows. */
export const Member = {
  TYPE: 'connect.type',
  VERSION: 'connect.version',
  PARAMETERS: 'connect.parameters',
  INDEX: 'connect.index',
} as const

/** Values of {@link Member.TYPE}. */
export const MAP_TYPE = 'map'
export const BYTES_TYPE = 'bytes'

/** Members of an entry of a map whose keys are no strings. */
export const KEY = 'key'
export const VALUE = 'value'

/** Parameters of Connect schemas that carry what the JSON schema knows. */
export const Param = {
  ID: `${NAMESPACE}.Id`,
  ENUM: `${NAMESPACE}.Enum`,
  GENERAL_ENUM: 'org.apache.kafka.connect.data.Enum',
  GENERAL_UNION: 'org.apache.kafka.connect.data.Union',
} as const

export const ID_PREFIX = '#id'
export const UNION_NAME = `${NAMESPACE}.OneOf`
export const GENERAL_UNION_PREFIX = 'connect_union_'
export const GENERAL_FIELD_PREFIX = 'connect_union_field_'
/** Stands for null among the symbols of an enum. */
export const NULL_SYMBOL = '<NULL>'
export const VARIANT_NAME = 'org.apache.kafka.connect.data.Variant'
/** The field that keeps what a schema does not name. */
export const EXTRAS_FIELD = '__connect_additional_properties__'

/** True for a struct that stands for a union: each field is one of its members. */
export function isUnionSchema(schema: Schema): boolean {
  return schema.type === 'STRUCT' && (schema.name === UNION_NAME || isGeneralUnion(schema))
}
function isGeneralUnion(schema: Schema): boolean {
  return schema.parameters?.has(Param.GENERAL_UNION) === true
}
/** The name of a union's field. */
export function memberField(index: number, generalized: boolean): string {
  return generalized ? GENERAL_FIELD_PREFIX + index : `${UNION_NAME}.field.${index}`
}

/** True for a struct that holds any value in the encoding of variants. */
export function isVariantSchema(schema: Schema | null): boolean {
  return schema !== null && schema.type === 'STRUCT' && schema.name === VARIANT_NAME
}

/** True for a map that is a JSON object; others are arrays of entries. */
export function hasStringKeys(schema: Schema): boolean {
  const key = schema.keySchema
  return key !== null && key.type === 'STRING' && !key.optional
}

/** True for the field that keeps what the schema does not name. */
export function isExtrasField(field: Field): boolean {
  const { name, schema } = field
  return (
    name === EXTRAS_FIELD &&
    schema.type === 'MAP' &&
    schema.keySchema?.type === 'STRING' &&
    isVariantSchema(schema.valueSchema)
  )
}
