// What an Avro schema is made of. Source: https://avro.apache.org/docs/1.12.0/specification/
import type { JsonNode } from '../json-text.ts'

/** Types without a name and without parts. */
export const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
export type AvroPrimitive = (typeof PRIMITIVES)[number]

/** Properties beyond those of the specification, in their order: `logicalType` and its parameters, `connect.*`, anything. */
export type AvroProps = ReadonlyMap<string, JsonNode>

interface Common {
  readonly props: AvroProps
}
interface Named extends Common {
  /** Without namespace. */
  readonly name: string
  readonly namespace: string | null
  /** With namespace. */
  readonly fullName: string
  readonly doc: string | null
  /** Full names. */
  readonly aliases: readonly string[]
}

export interface AvroPrimitiveSchema extends Common {
  readonly type: AvroPrimitive
}
export interface AvroRecord extends Named {
  readonly type: 'record'
  /** Declared with the type `error`. */
  readonly isError: boolean
  /** Set once the record's name is known, so that its fields may refer to it. */
  fields: readonly AvroField[]
}
export interface AvroEnum extends Named {
  readonly type: 'enum'
  readonly symbols: readonly string[]
  /** The symbol for those that a reader does not know. */
  readonly defaultSymbol: string | null
}
export interface AvroFixed extends Named {
  readonly type: 'fixed'
  readonly size: number
}
export interface AvroArray extends Common {
  readonly type: 'array'
  readonly items: AvroSchema
}
export interface AvroMap extends Common {
  readonly type: 'map'
  readonly values: AvroSchema
}
/** Unions have no properties. */
export interface AvroUnion extends Common {
  readonly type: 'union'
  readonly types: readonly AvroSchema[]
}

/** A schema that has a name and can be referred to. */
export type AvroNamed = AvroRecord | AvroEnum | AvroFixed
/** Any Avro schema. Records may contain themselves. */
export type AvroSchema = AvroPrimitiveSchema | AvroNamed | AvroArray | AvroMap | AvroUnion

/** A field of a record. */
export interface AvroField {
  readonly name: string
  readonly schema: AvroSchema
  readonly doc: string | null
  /** Undefined without a default: null is one. */
  readonly defaultValue: JsonNode | undefined
  readonly order: 'ascending' | 'descending' | 'ignore'
  readonly aliases: readonly string[]
  readonly props: AvroProps
}

export const NO_PROPS: AvroProps = new Map()

const PLAIN = Object.freeze(
  Object.fromEntries(PRIMITIVES.map((type) => [type, Object.freeze({ type, props: NO_PROPS })])),
) as Readonly<Record<AvroPrimitive, AvroPrimitiveSchema>>

/** A primitive schema without properties. */
export function primitive(type: AvroPrimitive): AvroPrimitiveSchema {
  return PLAIN[type]
}

/** True for a record, an enum and a fixed. */
export function isNamed(schema: AvroSchema): schema is AvroNamed {
  return schema.type === 'record' || schema.type === 'enum' || schema.type === 'fixed'
}

/** Full name of a named type, the type's name for others: what tells the members of a union apart. */
export function memberName(schema: AvroSchema): string {
  return isNamed(schema) ? schema.fullName : schema.type
}

/** The field called `name`, or undefined. */
export function avroField(record: AvroRecord, name: string): AvroField | undefined {
  return record.fields.find((field) => field.name === name)
}
