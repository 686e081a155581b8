// A JSON schema as compatibility looks at it: one kind for each type, and combinations where one object asks for several.
import type { JsonNode, JsonNumber } from '../json-text.ts'

/** What every kind has. */
interface Common {
  /** A schema that asks for the same has the same text. */
  readonly text: string
  readonly hasDefault: boolean
  /** The extension keyword `connect.type`. */
  readonly connectType: JsonNode | undefined
}

/** Any schema. `empty` asks for nothing; `true` is the same, written as a boolean. */
export type Model = Common &
  (
    | { readonly kind: 'empty' | 'true' | 'false' | 'null' | 'boolean' | 'conditional' }
    | StringModel
    | NumberModel
    | ObjectModel
    | ArrayModel
    | { readonly kind: 'const'; readonly value: string }
    | { readonly kind: 'enum'; readonly values: ReadonlySet<string> }
    | { readonly kind: 'not'; readonly schema: Model }
    | CombinedModel
    | { readonly kind: 'reference'; readonly target: () => Model }
  )

/** How many of the parts a value must fit. */
export type Criterion = 'allOf' | 'anyOf' | 'oneOf'

export interface CombinedModel {
  readonly kind: 'combined'
  readonly criterion: Criterion
  readonly parts: readonly Model[]
  /** Not written as a combination: several types, or keywords of several types, in one object. */
  readonly generated: boolean
}

export interface StringModel {
  readonly kind: 'string'
  readonly maxLength?: JsonNumber
  readonly minLength?: JsonNumber
  readonly pattern?: string
}

export interface NumberModel {
  readonly kind: 'number'
  readonly integer?: true
  readonly maximum?: JsonNumber
  readonly minimum?: JsonNumber
  readonly exclusiveMaximum?: JsonNumber
  readonly exclusiveMinimum?: JsonNumber
  readonly multipleOf?: JsonNumber
}

export interface ObjectModel {
  readonly kind: 'object'
  readonly properties?: ReadonlyMap<string, Model>
  readonly required?: ReadonlySet<string>
  readonly patterns?: readonly (readonly [pattern: RegExp, schema: Model])[]
  /** `additionalProperties`: absent or `true`, `false`, or a schema. */
  readonly rest?: Model | false
  readonly unevaluated?: Model
  readonly maxProperties?: JsonNumber
  readonly minProperties?: JsonNumber
  readonly propertyDependencies?: ReadonlyMap<string, ReadonlySet<string>>
  readonly schemaDependencies?: ReadonlyMap<string, Model>
}

export interface ArrayModel {
  readonly kind: 'array'
  /** The schema of all items. */
  readonly each?: Model
  /** Schemas of the first items, one by one. */
  readonly first?: readonly Model[]
  /** What follows the first items: absent or `true`, `false`, or a schema. */
  readonly rest?: Model | false
  readonly unevaluated?: Model
  readonly maxItems?: JsonNumber
  readonly minItems?: JsonNumber
  readonly maxContains?: JsonNumber
  readonly minContains?: JsonNumber
  readonly unique?: true
}
