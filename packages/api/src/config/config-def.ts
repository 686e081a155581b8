// A configuration definition: one place from which types, validation, REST answers, forms and reference pages come.
import { ConfigException, errorMessage } from '../errors.ts'
import type { ConfigKey, ConfigKeySpec, ConfigType, ConfigTypeMap } from './config-key.ts'
import { parseConfigValue } from './parse.ts'

/** Keys and their specifications, as an author writes them. */
export type ConfigSpec = Readonly<Record<string, ConfigKeySpec>>

/** The typed values of a specification: nullable only where the default is null. */
export type ConfigValues<S extends ConfigSpec> = {
  readonly [K in keyof S]: S[K] extends { readonly default: null }
    ? ConfigTypeMap[S[K]['type']] | null
    : ConfigTypeMap[S[K]['type']]
}

/** The configuration as users give it: text by key. A null stands for an explicit null in JSON. */
export type RawConfig = Readonly<Record<string, string | null>>

/** Outcome of validating one key. */
export interface ConfigValue {
  readonly name: string
  /** Parsed value, or null where it could not be parsed. */
  readonly value: unknown
  readonly recommendedValues: readonly unknown[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

/** The type of parsed values of a definition: `type Config = InferConfig<typeof CONFIG>`. */
export type InferConfig<D> = D extends ConfigDef<infer S> ? ConfigValues<S> : never

/** An immutable set of configuration keys. Made by {@link defineConfig}. */
export class ConfigDef<S extends ConfigSpec = ConfigSpec> {
  readonly keys: ReadonlyMap<string, ConfigKey>
  /** Group names in order of first use. */
  readonly groups: readonly string[]
  readonly spec: S

  constructor(spec: S) {
    this.spec = spec
    const groups: string[] = []
    const counts = new Map<string, number>()
    const keys = new Map<string, ConfigKey>()
    for (const [name, one] of Object.entries(spec)) {
      const group = one.group ?? null
      if (group !== null && !groups.includes(group)) groups.push(group)
      const order = group === null ? -1 : (counts.get(group) ?? 0) + 1
      if (group !== null) counts.set(group, order)
      keys.set(name, toKey(name, one, order))
    }
    this.keys = keys
    this.groups = Object.freeze(groups)
    Object.freeze(this)
  }

  /** A definition with the keys of both; keys of `other` replace same-named ones in place. */
  merge<T extends ConfigSpec>(other: ConfigDef<T>): ConfigDef<Omit<S, keyof T> & T> {
    return new ConfigDef({ ...this.spec, ...other.spec } as Omit<S, keyof T> & T)
  }

  /** The same keys under a prefix, for keys that belong to a part (`transforms.a.`). */
  withPrefix(prefix: string, group?: string): ConfigDef {
    const spec: Record<string, ConfigKeySpec> = {}
    for (const [name, one] of Object.entries(this.spec)) {
      const dependents = one.dependents?.map((dependent) => prefix + dependent)
      spec[prefix + name] = { ...one, ...(dependents && { dependents }), ...(group !== undefined && { group }) }
    }
    return new ConfigDef(spec)
  }

  /**
   * Typed values of `props`; keys that are not defined are ignored here (ask {@link unknownKeys}).
   * @throws ConfigException naming every key at fault, the first one's key in its context
   */
  parse(props: RawConfig): ConfigValues<S> {
    const results = this.validate(props)
    const bad = results.filter((one) => one.errors.length > 0)
    const first = bad[0]
    if (first !== undefined) {
      throw new ConfigException(bad.flatMap((one) => one.errors).join('\n'), { configKey: first.name })
    }
    return Object.freeze(Object.fromEntries(results.map((one) => [one.name, one.value]))) as ConfigValues<S>
  }

  /** Validates every defined key and returns all outcomes, in definition order; throws nothing. */
  validate(props: RawConfig): ConfigValue[] {
    const parsed: Record<string, unknown> = {}
    const errors = new Map<string, string[]>()
    for (const key of this.keys.values()) parsed[key.name] = parseKey(key, given(key, props), errors)
    return [...this.keys.values()].map((key) => outcome(key, parsed, errors.get(key.name) ?? []))
  }

  /** Keys of `props` that this definition does not know, by name or alias. */
  unknownKeys(props: RawConfig): string[] {
    const known = new Set([...this.keys.values()].flatMap((key) => [key.name, ...key.aliases]))
    return Object.keys(props).filter((name) => !known.has(name))
  }
}

/** Makes a definition; the types of its values are inferred from it. */
export function defineConfig<const S extends ConfigSpec>(spec: S): ConfigDef<S> {
  return new ConfigDef(spec)
}

function toKey(name: string, spec: ConfigKeySpec<ConfigType>, orderInGroup: number): ConfigKey {
  const required = spec.default === undefined
  return Object.freeze({
    name,
    type: spec.type,
    required,
    defaultValue: required ? undefined : parseConfigValue(name, spec.type, spec.default),
    importance: spec.importance,
    doc: spec.doc,
    validator: spec.validator ?? null,
    group: spec.group ?? null,
    orderInGroup: spec.orderInGroup ?? orderInGroup,
    width: spec.width ?? 'none',
    displayName: spec.displayName ?? name,
    dependents: spec.dependents ?? [],
    recommender: spec.recommender ?? null,
    internal: spec.internal ?? false,
    aliases: spec.aliases ?? [],
  })
}

/** Text given for the key, under its name or an old one; undefined when absent. */
function given(key: ConfigKey, props: RawConfig): string | null | undefined {
  if (Object.hasOwn(props, key.name)) return props[key.name]
  const alias = key.aliases.find((name) => Object.hasOwn(props, name))
  return alias === undefined ? undefined : props[alias]
}

function parseKey(key: ConfigKey, text: string | null | undefined, errors: Map<string, string[]>): unknown {
  const complain = (message: string) => errors.set(key.name, [...(errors.get(key.name) ?? []), message])
  let value: unknown = null
  if (text !== undefined) {
    try {
      value = parseConfigValue(key.name, key.type, text)
    } catch (error) {
      complain(errorMessage(error))
      return null
    }
  } else if (key.required) {
    complain(`Missing required configuration "${key.name}" which has no default value.`)
    return null
  } else {
    value = key.defaultValue
  }
  const complaint = check(key, value)
  if (complaint !== undefined) complain(complaint)
  return value
}

function check(key: ConfigKey, value: unknown): string | undefined {
  if (key.validator === null || (value === null && !key.required && key.defaultValue === null)) return undefined
  try {
    const reason = key.validator(key.name, value)
    const shown = key.type === 'password' ? '[hidden]' : value
    return reason === undefined ? undefined : ConfigException.invalidValue(key.name, shown, reason).message
  } catch (error) {
    return errorMessage(error)
  }
}

function outcome(key: ConfigKey, parsed: Readonly<Record<string, unknown>>, errors: readonly string[]): ConfigValue {
  let recommendedValues: readonly unknown[] = []
  let visible = true
  const all = [...errors]
  if (key.recommender !== null) {
    try {
      recommendedValues = key.recommender.validValues(key.name, parsed)
      visible = key.recommender.visible?.(key.name, parsed) ?? true
    } catch (error) {
      all.push(errorMessage(error))
    }
  }
  return { name: key.name, value: parsed[key.name], recommendedValues, errors: all, visible }
}
