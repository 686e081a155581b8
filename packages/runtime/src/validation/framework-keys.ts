// The framework's own keys for one configuration: common ones, those of its type, and those that its transformations and
// predicates bring in.
import {
  ConfigDef,
  type ConfigKeySpec,
  type ConfigProblem,
  type ConfigValue,
  errorMessage,
  parseConfigValue,
  type RawConfig,
  type Transformation,
} from '@millrace/api'
import { AUTO_RESTART_CONFIG, hasRestartKeys } from '../config/auto-restart-config.ts'
import { hasProgressKeys, PROGRESS_CONFIG } from '../config/progress-config.ts'
import { hasRateLimitKeys, RATE_LIMIT_CONFIG } from '../config/rate-limit-config.ts'
import { SINK_CONNECTOR_CONFIG } from '../config/sink-config.ts'
import { SOURCE_CONNECTOR_CONFIG } from '../config/source-config.ts'
import { refusal } from '../plugins/configured-code.ts'
import { type ConnectorDescriptor, instantiate, type PluginRegistry } from '../plugins/registry.ts'
import { checkClass, classesOf, versionSpec } from './plugin-classes.ts'

const CONVERTERS = [
  ['key.converter', 'converter'],
  ['value.converter', 'converter'],
  ['header.converter', 'header_converter'],
] as const

type PartKind = 'transformation' | 'predicate'
const PARTS = {
  transformation: { list: 'transforms', word: 'Transformation' },
  predicate: { list: 'predicates', word: 'Predicate' },
} as const

/** Keys of a configuration, and complaints that no key's own check would find. */
export interface FrameworkKeys {
  readonly def: ConfigDef
  readonly complaints: readonly ConfigProblem[]
  /** Kind of plugin by key, for keys that hold a class. */
  readonly classes: ReadonlyMap<string, 'converter' | 'header_converter' | PartKind>
}

/** The definition of the framework's keys for `props`. Loads the transformations and predicates it names. */
export async function frameworkKeys(
  registry: PluginRegistry,
  workerProps: RawConfig,
  connector: ConnectorDescriptor,
  props: RawConfig,
): Promise<FrameworkKeys> {
  const base: ConfigDef = connector.kind === 'sink' ? SINK_CONNECTOR_CONFIG : SOURCE_CONNECTOR_CONFIG
  const spec: Record<string, ConfigKeySpec> = {
    ...base.spec,
    ...(hasRestartKeys(props) && AUTO_RESTART_CONFIG.spec),
    ...(hasProgressKeys(props) && PROGRESS_CONFIG.spec),
    ...(hasRateLimitKeys(props) && RATE_LIMIT_CONFIG.spec),
  }
  const classes = new Map<string, 'converter' | 'header_converter' | PartKind>()
  const complaints: ConfigProblem[] = []
  replace(spec, 'connector.plugin.version', (one) =>
    versionSpec(one, registry.connector(connector.className), registry),
  )
  for (const [key, kind] of CONVERTERS) {
    const fallback = workerDefault(registry, kind, key, workerProps)
    replace(spec, key, (one) => ({ ...one, default: fallback, recommender: classesOf(registry, kind) }))
    const chosen = registry.find(kind, props[key]?.trim() ?? fallback ?? '')
    replace(spec, `${key}.plugin.version`, (one) => versionSpec(one, chosen, registry))
    classes.set(key, kind)
  }
  for (const kind of ['transformation', 'predicate'] as const) {
    for (const alias of aliases(PARTS[kind].list, props)) {
      classes.set(`${PARTS[kind].list}.${alias}.type`, kind)
      complaints.push(...(await addPart(spec, registry, kind, alias, { props, workerProps })))
    }
  }
  return { def: new ConfigDef(spec), complaints, classes }
}

/** Outcomes of the framework's keys, classes looked up, complaints added. */
export function validateFramework(
  keys: FrameworkKeys,
  registry: PluginRegistry,
  props: RawConfig,
): Map<string, ConfigValue> {
  const outcomes = new Map<string, ConfigValue>()
  for (const value of keys.def.validate(props)) {
    const kind = keys.classes.get(value.name)
    outcomes.set(value.name, kind === undefined ? value : checkClass(registry, kind, value))
  }
  for (const { key, message } of keys.complaints) addError(outcomes, key, message)
  return outcomes
}

/** Adds an error to the outcome of a key, also of one that nobody defined. */
export function addError(outcomes: Map<string, ConfigValue>, key: string, message: string): void {
  const known = outcomes.get(key) ?? { name: key, value: null, recommendedValues: [], errors: [], visible: true }
  outcomes.set(key, { ...known, errors: [...known.errors, message] })
}

/** Keys of one transformation or predicate under its alias. */
async function addPart(
  spec: Record<string, ConfigKeySpec>,
  registry: PluginRegistry,
  kind: PartKind,
  alias: string,
  { props, workerProps }: { readonly props: RawConfig; readonly workerProps: RawConfig },
): Promise<ConfigProblem[]> {
  const { list, word } = PARTS[kind]
  const prefix = `${list}.${alias}.`
  const group = `${list === 'transforms' ? 'Transforms' : 'Predicates'}: ${alias}`
  const className = props[`${prefix}type`]?.trim()
  const newest = className === undefined ? undefined : registry.find(kind, className)
  const plugin = newest && registry.fitting(newest, props[`${prefix}plugin.version`])
  const part = { importance: 'high', width: 'long', group } as const
  spec[`${prefix}type`] = {
    ...part,
    type: 'class',
    orderInGroup: 0,
    doc: `Class of the ${word.toLowerCase()} '${alias}'.`,
    displayName: `${word} type for ${alias}`,
    recommender: classesOf(registry, kind),
  }
  const version: ConfigKeySpec = {
    ...part,
    type: 'string',
    orderInGroup: 1,
    doc: `Version of the ${word.toLowerCase()} '${alias}'. By default the newest that is installed.`,
    displayName: `${word} version for ${alias}`,
  }
  const { visible: _always, ...recommender } = versionSpec(version, newest, registry).recommender ?? {
    validValues: () => [],
  }
  spec[`${prefix}plugin.version`] = { ...versionSpec(version, newest, registry), recommender }
  const complaints = negateWithoutPredicate(kind, prefix, props)
  if (plugin === undefined) return complaints
  const refused = refusal(plugin, workerProps)
  if (refused !== undefined) complaints.push({ key: `${prefix}type`, message: refused })
  try {
    const instance = await instantiate<PartKind>(plugin)
    const { config } = instance
    // The framework's keys mask a plugin's keys of the same names.
    const keys = { ...config.spec, ...(kind === 'transformation' && GUARD_KEYS) }
    let orderInGroup = 2
    for (const [name, one] of sorted(keys, config.groups)) {
      const key = prefix + name
      if (Object.hasOwn(spec, key)) continue
      spec[key] = { ...one, group, orderInGroup: orderInGroup++, displayName: one.displayName ?? name }
    }
    if (refused === undefined && 'validate' in instance)
      complaints.push(...(await ownProblems(instance, prefix, props)))
  } catch (error) {
    complaints.push({
      key: `${prefix}type`,
      message: `Error getting config definition from ${word}: ${errorMessage(error)}`,
    })
  }
  return complaints
}

/** What a transformation itself finds wrong, under the connector's keys. */
async function ownProblems(part: Transformation, prefix: string, props: RawConfig): Promise<ConfigProblem[]> {
  const configs: Record<string, string | null> = {}
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith(prefix)) configs[key.slice(prefix.length)] = value
  }
  const problems = (await part.validate?.(configs)) ?? []
  return problems.map(({ key, message }) => ({ key: prefix + key, message }))
}

/** Keys that every transformation has beside its own. */
const GUARD_KEYS: Readonly<Record<string, ConfigKeySpec>> = {
  predicate: {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Alias of the predicate that decides whether the transformation is applied to a record.',
  },
  negate: {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether the transformation is applied where the predicate does not hold.',
  },
}

const IMPORTANCE = { high: 0, medium: 1, low: 2 } as const

/** Keys of a part in the reference's order: by group, required ones first, by importance, by name. */
function sorted(spec: Readonly<Record<string, ConfigKeySpec>>, groups: readonly string[]): [string, ConfigKeySpec][] {
  const rank = (one: ConfigKeySpec) => [
    one.group === undefined ? -1 : groups.indexOf(one.group),
    one.default === undefined ? 0 : 1,
    IMPORTANCE[one.importance],
  ]
  return Object.entries(spec).sort(([a, left], [b, right]) => {
    const others = rank(right)
    const order = rank(left).reduce((sum, one, at) => sum || one - (others[at] as number), 0)
    return order || (a < b ? -1 : 1)
  })
}

function negateWithoutPredicate(kind: PartKind, prefix: string, props: RawConfig): ConfigProblem[] {
  if (kind !== 'transformation' || props[`${prefix}negate`] === undefined) return []
  if (props[`${prefix}predicate`] !== undefined) return []
  return [
    {
      key: `${prefix}type`,
      message: `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
    },
  ]
}

function aliases(key: string, props: RawConfig): readonly string[] {
  const list = parseConfigValue(key, 'list', props[key] ?? '') ?? []
  return [...new Set(list)].filter((alias) => alias !== '')
}

/** The worker's converter, by its full name. */
function workerDefault(
  registry: PluginRegistry,
  kind: 'converter' | 'header_converter',
  key: string,
  workerProps: RawConfig,
): string | null {
  const fallback = kind === 'header_converter' ? 'org.apache.kafka.connect.storage.SimpleHeaderConverter' : ''
  const name = workerProps[key]?.trim() ?? fallback
  return registry.find(kind, name)?.className ?? null
}

function replace(
  spec: Record<string, ConfigKeySpec>,
  key: string,
  change: (spec: ConfigKeySpec) => ConfigKeySpec,
): void {
  const known = spec[key]
  if (known !== undefined) spec[key] = change(known)
}
