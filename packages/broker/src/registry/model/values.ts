// What the registry keeps: schemas, configs, modes. Plain frozen-by-convention data, in the order of the reference's JSON.
import type { CompatibilityLevel, SchemaReference, SchemaType } from '@millrace/schemas'

/** Tags, properties and names of sensitive properties that go with a schema. Keys and lists are kept sorted. */
export interface Metadata {
  readonly tags?: Readonly<Record<string, readonly string[]>>
  readonly properties?: Readonly<Record<string, string>>
  readonly sensitive?: readonly string[]
}

/** A rule of a data contract. The registry keeps rules; clients run them. */
export interface Rule {
  readonly name: string
  readonly doc?: string
  readonly kind?: string
  readonly mode?: string
  readonly type?: string
  readonly tags?: readonly string[]
  readonly params?: Readonly<Record<string, string>>
  readonly expr?: string
  readonly onSuccess?: string
  readonly onFailure?: string
  readonly disabled: boolean
}

/** The rules of a schema. */
export interface RuleSet {
  readonly migrationRules?: readonly Rule[]
  readonly domainRules?: readonly Rule[]
  readonly encodingRules?: readonly Rule[]
  readonly enableAt?: string
}

/** What a schema is, wherever it is registered. */
export interface SchemaContent {
  readonly schemaType: SchemaType
  /** The canonical text once registered; what a client sent before. */
  readonly schema: string
  readonly references: readonly SchemaReference[]
  readonly metadata: Metadata | null
  readonly ruleSet: RuleSet | null
}

/** A version of a subject. */
export interface SchemaVersion extends SchemaContent {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly deleted: boolean
  /** Milliseconds since the epoch of the record that wrote it. */
  readonly timestamp: number | null
}

/** Settings of a subject, of a context, or of all. Absent keys are not set. */
export interface RegistryConfig {
  readonly alias?: string
  readonly aliasForDeks?: string
  readonly normalize?: boolean
  readonly validateFields?: boolean
  readonly validateNewSchemas?: boolean
  readonly validateRules?: boolean
  readonly compatibilityLevel?: CompatibilityLevel
  readonly compatibilityPolicy?: string
  readonly compatibilityGroup?: string
  readonly defaultMetadata?: Metadata
  readonly overrideMetadata?: Metadata
  readonly defaultRuleSet?: RuleSet
  readonly overrideRuleSet?: RuleSet
}

/** All modes, by the names of the registry protocol. */
export const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'] as const

/** What may be done with a subject. */
export type Mode = (typeof MODES)[number]

/** Modes in which ids come from outside and nothing is checked. */
export function isImport(mode: Mode): boolean {
  return mode === 'IMPORT' || mode === 'FORWARD'
}
