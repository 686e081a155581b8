// `transforms.*` and `predicates.*` of a connector as a list of stages.
import { ConfigException, ConnectException, type ConnectorProps, parseConfigValue } from '@millrace/api'
import { withPrefix } from './client-configs.ts'

/** One transformation of the chain: what to construct and how to configure it. */
export interface TransformStageConfig {
  readonly alias: string
  readonly type: string
  /** Settings without the prefix and without `predicate` and `negate`; `type` is among them. */
  readonly configs: ConnectorProps
  readonly predicate: PredicateConfig | null
  readonly negate: boolean
}

/** The predicate that guards a transformation. */
export interface PredicateConfig {
  readonly alias: string
  readonly type: string
  readonly configs: ConnectorProps
}

/**
 * The chain in the order of `transforms`.
 * @throws ConfigException for a missing type, a repeated alias, or `negate` without a predicate; a ConnectException
 * caused by one for a predicate that is not defined
 */
export function transformStages(props: ConnectorProps): readonly TransformStageConfig[] {
  const aliases = parseConfigValue('transforms', 'list', props.transforms ?? '') ?? []
  if (new Set(aliases).size < aliases.length) {
    throw ConfigException.invalidValue('transforms', aliases.join(','), 'Duplicate alias provided.')
  }
  const predicates = new Set(parseConfigValue('predicates', 'list', props.predicates ?? '') ?? [])
  return aliases.map((alias) => stage(alias, props, predicates))
}

function stage(alias: string, props: ConnectorProps, predicates: ReadonlySet<string>): TransformStageConfig {
  const prefix = `transforms.${alias}.`
  const { predicate, negate, ...configs } = withPrefix(props, prefix)
  if (negate !== undefined && predicate === undefined) {
    throw new ConfigException(
      `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
      { configKey: `${prefix}negate` },
    )
  }
  return Object.freeze({
    alias,
    type: required(`${prefix}type`, configs.type),
    configs,
    predicate: predicate === undefined ? null : predicateOf(predicate, props, predicates),
    negate: parseConfigValue(`${prefix}negate`, 'boolean', negate ?? 'false') ?? false,
  })
}

function predicateOf(alias: string, props: ConnectorProps, defined: ReadonlySet<string>): PredicateConfig {
  const prefix = `predicates.${alias}.`
  if (!defined.has(alias)) {
    const cause = new ConfigException(`Unknown configuration '${prefix}type'`, { configKey: `${prefix}type` })
    throw new ConnectException(`The predicate '${alias}' is used by a transformation but not listed in 'predicates'.`, {
      cause,
      configKey: 'predicates',
    })
  }
  const configs = withPrefix(props, prefix)
  return { alias, type: required(`${prefix}type`, configs.type), configs }
}

function required(key: string, value: string | undefined): string {
  if (value !== undefined && value.trim() !== '') return value.trim()
  throw new ConfigException(`Missing required configuration "${key}" which has no default value.`, { configKey: key })
}
