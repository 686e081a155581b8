// The stages of a transformation chain: plugins looked up, allowed or refused, made and configured.
import type { PluginDescriptor, PluginKinds, Predicate, RawConfig, Transformation } from '@millrace/api'
import type { PredicateConfig, TransformStageConfig } from '../config/transform-config.ts'
import type { MetricSample, TaskId } from '../plane/messages.ts'
import { requireAllowed } from '../plugins/configured-code.ts'
import { instantiate, type PluginRegistry } from '../plugins/registry.ts'
import { MaxAverage } from './statistics.ts'

/** What metrics say of a plugin at work. */
interface About {
  readonly alias: string
  readonly className: string
  readonly version: string
}

/** One stage: where it is, and what it does to a record. Null drops it. */
export interface ChainStage {
  readonly alias: string
  /** Class of the transformation, as the configuration names it. */
  readonly className: string
  readonly transformation: Transformation
  readonly predicate: Predicate | null
  /** The predicate's answer with which the transformation applies. */
  readonly applies: boolean
  /** Milliseconds of its work on single records, of those that are timed. */
  readonly times: MaxAverage
  readonly about: { readonly transform: About; readonly predicate: About | null }
}

/** Makes a stage. @throws ConfigException for plugins that are not there or not allowed, and what they say themselves */
export async function createStage(
  config: TransformStageConfig,
  plugins: PluginRegistry,
  workerProps: RawConfig,
): Promise<ChainStage> {
  const { plugin, instance } = await make('transformation', 'transforms', config, plugins, workerProps)
  await instance.configure(config.configs)
  const guard =
    config.predicate === null ? null : await make('predicate', 'predicates', config.predicate, plugins, workerProps)
  if (config.predicate !== null) guard?.instance.configure(config.predicate.configs)
  return {
    alias: config.alias,
    className: config.type,
    transformation: instance,
    predicate: guard?.instance ?? null,
    applies: !config.negate,
    times: new MaxAverage(),
    about: {
      transform: about(config, plugin),
      predicate: config.predicate === null || guard === null ? null : about(config.predicate, guard.plugin),
    },
  }
}

/** What a stage is, and how long it takes a record: the reference's samples (KIP-891), and times of our own. */
export function stageSamples({ about: { transform, predicate }, times }: ChainStage, id: TaskId): MetricSample[] {
  const labels = { connector: id.connector, task: String(id.task) }
  const own = { 'apply-avg-time-ms': times.average, 'apply-max-time-ms': times.max }
  return [
    ...samples('transform', transform, labels, own),
    ...(predicate === null ? [] : samples('predicate', predicate, labels, {})),
  ]
}

type PartKind = 'transformation' | 'predicate'

async function make<K extends PartKind>(
  kind: K,
  list: string,
  { alias, type, configs }: PredicateConfig,
  plugins: PluginRegistry,
  workerProps: RawConfig,
): Promise<{ readonly plugin: PluginDescriptor<K>; readonly instance: PluginKinds[K] }> {
  const key = `${list}.${alias}.type`
  const plugin = plugins.resolve(kind, type, key, configs['plugin.version'])
  requireAllowed(plugin, workerProps, key)
  return { plugin, instance: await instantiate(plugin) }
}

function about({ alias }: PredicateConfig, { className, version }: PluginDescriptor<PartKind>): About {
  return { alias, className, version }
}

function samples(
  word: 'transform' | 'predicate',
  { alias, className, version }: About,
  labels: Readonly<Record<string, string>>,
  more: Readonly<Record<string, number>>,
): MetricSample[] {
  const values = { [`${word}-class`]: className, [`${word}-version`]: version, ...more }
  const group = `connector-${word}-metrics`
  return Object.entries(values).map(([name, value]) => ({ group, name, labels: { ...labels, [word]: alias }, value }))
}
