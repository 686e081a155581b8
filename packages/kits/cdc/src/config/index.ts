// The configuration that all relational connectors share, and what is made of it.
import { randomUUID } from 'node:crypto'
import {
  type ConfigValue,
  type ConnectorProps,
  defineConfig,
  type Header,
  type InferConfig,
  Schemas,
} from '@millrace/api'
import type { EmitterOptions, Operation } from '../events/emitter.ts'
import { ENGINE_KEYS } from './engine.ts'
import { EVENT_KEYS } from './events.ts'
import { EXCLUSIVE_LISTS, FILTER_KEYS } from './filters.ts'
import { SNAPSHOT_KEYS } from './snapshot.ts'

/** Keys of every relational connector. A connector merges its own: `COMMON_CONFIG.merge(defineConfig({...}))`. */
export const COMMON_CONFIG = defineConfig({ ...EVENT_KEYS, ...FILTER_KEYS, ...SNAPSHOT_KEYS, ...ENGINE_KEYS })
export type CommonConfig = InferConfig<typeof COMMON_CONFIG>

/** Adds what concerns several keys: include and exclude lists of one kind, and a queue that is smaller than a batch. */
export function checkCommon(values: readonly ConfigValue[]): ConfigValue[] {
  const given = new Map(values.map(({ name, value }) => [name, value]))
  const problem = (name: string): string | undefined => {
    const kind = EXCLUSIVE_LISTS.find((one) => name === `${one}.exclude.list`)
    if (kind !== undefined && given.get(name) && given.get(`${kind}.include.list`)) {
      return `The '${name}' value is invalid: "${kind}.include.list" is already specified`
    }
    if (name === 'max.queue.size' && Number(given.get(name)) <= Number(given.get('max.batch.size'))) {
      return `The 'max.queue.size' value is invalid: Must be larger than the maximum batch size`
    }
    return undefined
  }
  return values.map((one) => {
    const text = problem(one.name)
    return text === undefined ? one : { ...one, errors: [...one.errors, text] }
  })
}

/** The keys that {@link emitterOptions} reads. */
export type EmitterConfig = Pick<
  CommonConfig,
  | 'topic.prefix'
  | 'tombstones.on.delete'
  | 'skipped.operations'
  | 'skip.messages.without.change'
  | 'extended.headers.enabled'
>

/** What an emitter needs of a configuration. `connector` is the plugin's short name, as `postgresql`. */
export function emitterOptions(config: EmitterConfig, connector: string, taskId: string): EmitterOptions {
  const text = (key: string, value: string): Header => ({ key, schema: Schemas.STRING, value })
  const skipped = config['skipped.operations'].map((one) => one.trim()).filter((one) => one !== 'none')
  return {
    tombstonesOnDelete: config['tombstones.on.delete'],
    skippedOperations: new Set(skipped as Operation[]),
    skipMessagesWithoutChange: config['skip.messages.without.change'],
    contextHeaders: config['extended.headers.enabled']
      ? [
          text('__debezium.context.connectorLogicalName', config['topic.prefix']),
          text('__debezium.context.taskId', taskId),
          text('__debezium.context.connectorName', connector),
          text('__debezium.context.runId', randomUUID()),
        ]
      : [],
    postProcess: null,
  }
}

/** Reads the tables and statements of `snapshot.select.statement.overrides`. */
export function selectOverrides(props: ConnectorProps): ReadonlyMap<string, string> {
  const tables = (props['snapshot.select.statement.overrides'] ?? '').split(',').map((one) => one.trim())
  const found = tables.map((table) => [table, props[`snapshot.select.statement.overrides.${table}`]] as const)
  return new Map(found.filter((one): one is readonly [string, string] => one[0] !== '' && one[1] !== undefined))
}
