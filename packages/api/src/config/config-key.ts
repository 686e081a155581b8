// One configuration key: what it is called, what it may hold, how it is shown.
import type { Password } from './password.ts'

/** Types of a configuration value, in the reference's words but lower case. */
export type ConfigType = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password'
export type Importance = 'high' | 'medium' | 'low'
export type Width = 'none' | 'short' | 'medium' | 'long'

/** The TypeScript type of a parsed value of each {@link ConfigType}. A `class` value is the class name given. */
export interface ConfigTypeMap {
  boolean: boolean
  string: string
  int: number
  short: number
  long: number
  double: number
  list: readonly string[]
  class: string
  password: Password
}

/**
 * Checks one parsed value. Throws a `ConfigException`, or returns the reason as text, when it does not fit; the framework words it.
 * `describe` is the allowed range in words, for the reference page.
 */
export interface Validator {
  readonly describe: string
  (key: string, value: unknown): string | undefined
}

/** Suggests values and says whether a key matters, given the others. */
export interface Recommender {
  validValues(key: string, config: Readonly<Record<string, unknown>>): readonly unknown[]
  visible?(key: string, config: Readonly<Record<string, unknown>>): boolean
}

/** What a connector author writes for one key. Without `default` the key is required; `default: null` means none, and not required. */
export interface ConfigKeySpec<T extends ConfigType = ConfigType> {
  readonly type: T
  readonly default?: ConfigTypeMap[T] | string | null
  readonly importance: Importance
  /** Reference text: what it does, unit, and what happens without it. */
  readonly doc: string
  readonly validator?: Validator
  readonly group?: string
  /** Place in the group, as shown to users; by default the keys of a group are counted from 1. */
  readonly orderInGroup?: number
  readonly width?: Width
  readonly displayName?: string
  readonly dependents?: readonly string[]
  readonly recommender?: Recommender
  /** Hidden from documentation and from the answers of the REST API. */
  readonly internal?: boolean
  /** Old names of this key, still accepted with a warning. */
  readonly aliases?: readonly string[]
}

/** A key as it stands in a definition: all attributes present. */
export interface ConfigKey {
  readonly name: string
  readonly type: ConfigType
  readonly required: boolean
  /** Parsed default; undefined when required, null when there is none. */
  readonly defaultValue: unknown
  readonly importance: Importance
  readonly doc: string
  readonly validator: Validator | null
  readonly group: string | null
  /** 1-based position in the group, -1 without a group. */
  readonly orderInGroup: number
  readonly width: Width
  readonly displayName: string
  readonly dependents: readonly string[]
  readonly recommender: Recommender | null
  readonly internal: boolean
  readonly aliases: readonly string[]
}
