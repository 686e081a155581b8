// What a JSON schema says, in the parts that have a meaning for Connect: one type of node for each way a value can look.
import type { JsonNode, JsonObject } from '@millrace/schemas/json'

/** What a schema says about itself. */
export interface Annotations {
  readonly title: string | null
  readonly doc: string | null
  /** Undefined for none; null is one. */
  readonly defaultNode: JsonNode | undefined
  /** All its members, among them those that begin with `connect.`. */
  readonly members: JsonObject
}

/** How the members of a combination bind. */
export type Criterion = 'allOf' | 'anyOf' | 'oneOf'

/** The object schema: its properties in the order of the reference. */
export interface ObjectShape {
  readonly kind: 'object'
  readonly properties: readonly (readonly [name: string, schema: JsonModel])[]
  readonly required: ReadonlySet<string>
  /** The schema of all other properties; null when nothing is said of them. */
  readonly others: JsonModel | null
  readonly permitsOthers: boolean
}

export interface Combination {
  readonly kind: 'combined'
  readonly criterion: Criterion
  readonly members: readonly JsonModel[]
}

export interface Reference {
  readonly kind: 'reference'
  /** The schema that is referred to; all references to one place give the same. */
  readonly target: () => JsonModel
}

/** The ways a value can look. */
export type Shape =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'null' }
  /** Nothing is said. */
  | { readonly kind: 'anything' }
  | { readonly kind: 'number'; readonly integer: boolean }
  | { readonly kind: 'string' }
  | { readonly kind: 'enum'; readonly symbols: readonly JsonNode[]; readonly constant: boolean }
  | { readonly kind: 'array'; readonly items: JsonModel | null }
  | ObjectShape
  | Combination
  | Reference
  /** What no value of Connect is made from: `not`, conditions, `false`. */
  | { readonly kind: 'unsupported'; readonly keyword: string }

/** A schema. */
export type JsonModel = Shape & { readonly about: Annotations }
