// Variants: how the reference keeps a value whose schema says nothing. Two byte fields, the names of all members and the value.
// Source: https://github.com/apache/parquet-format/blob/master/VariantEncoding.md
import { type Schema, SchemaBuilder, Schemas } from '@millrace/api'
import { VARIANT_NAME } from './names.ts'

/** A value in the encoding of variants. */
export interface Variant {
  readonly metadata: Uint8Array
  readonly value: Uint8Array
}

/** A builder of the schema of variants. */
export function variantBuilder(): SchemaBuilder {
  return SchemaBuilder.struct().name(VARIANT_NAME).field('metadata', Schemas.BYTES).field('value', Schemas.BYTES)
}
export const VARIANT_SCHEMA: Schema = variantBuilder().build()

/** The two low bits of a value's first byte. */
export const Basic = { PRIMITIVE: 0, SHORT_STRING: 1, OBJECT: 2, ARRAY: 3 } as const

/** The other bits of a primitive's first byte. */
export const Primitive = {
  NULL: 0,
  TRUE: 1,
  FALSE: 2,
  INT8: 3,
  INT16: 4,
  INT32: 5,
  INT64: 6,
  DOUBLE: 7,
  DECIMAL4: 8,
  DECIMAL8: 9,
  DECIMAL16: 10,
  DATE: 11,
  TIMESTAMP: 12,
  LOCAL_TIMESTAMP: 13,
  FLOAT: 14,
  BINARY: 15,
  STRING: 16,
  TIME: 17,
  NANO_TIMESTAMP: 18,
  LOCAL_NANO_TIMESTAMP: 19,
  UUID: 20,
} as const

export const VERSION = 1
/** Bytes of the longest string whose length stands in its first byte. */
export const SHORT_STRING = 63
