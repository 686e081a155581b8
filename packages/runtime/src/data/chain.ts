// The transformation chain of a task: compiled once from its configuration, then a plain loop over plain functions.
import type { ConnectRecord, MaybePromise, Predicate, Transformation } from '@millrace/api'
import { type TransformStageConfig, transformStages } from '../config/transform-config.ts'
import type { PluginRegistry } from '../plugins/registry.ts'

/** One stage: where it is, and what it does to a record. Null drops it. */
interface ChainStage {
  readonly className: string
  readonly transformation: Transformation
  readonly predicate: Predicate | null
  /** The predicate's answer with which the transformation applies. */
  readonly applies: boolean
}

/** A chain that is not empty. */
export class TransformationChain {
  readonly #stages: readonly ChainStage[]
  /** Class of the stage at work: for the report of a failure. */
  current = ''

  constructor(stages: readonly ChainStage[]) {
    this.#stages = stages
  }

  /** Takes a record through all stages; null when one dropped it. A promise only where a stage gave one. */
  apply<R extends ConnectRecord>(record: R, from = 0): MaybePromise<R | null> {
    const stages = this.#stages
    let at: ConnectRecord = record
    for (let index = from; index < stages.length; index++) {
      const stage = stages[index] as ChainStage
      this.current = stage.className
      if (stage.predicate !== null && stage.predicate.test(at) !== stage.applies) continue
      const result = stage.transformation.apply(at)
      if (result === null) return null
      if (isPromise(result)) return this.#later(result, index + 1)
      at = result
    }
    return at as R
  }
  /** Closes all transformations and predicates. */
  async close(): Promise<void> {
    for (const { transformation, predicate } of this.#stages) {
      await transformation.close?.()
      await predicate?.close?.()
    }
  }

  async #later<R extends ConnectRecord>(result: PromiseLike<ConnectRecord | null>, next: number): Promise<R | null> {
    const record = await result
    return record === null ? null : ((await this.apply(record, next)) as R | null)
  }
}

/** The chain of a connector's configuration, or null when it has none. @throws ConfigException */
export async function createChain(
  props: Readonly<Record<string, string>>,
  plugins: PluginRegistry,
): Promise<TransformationChain | null> {
  const configs = transformStages(props)
  if (configs.length === 0) return null
  return new TransformationChain(await Promise.all(configs.map((config) => createStage(config, plugins))))
}

async function createStage(config: TransformStageConfig, plugins: PluginRegistry): Promise<ChainStage> {
  const transformation = await plugins.create('transformation', config.type, `transforms.${config.alias}.type`)
  transformation.configure(config.configs)
  let predicate: Predicate | null = null
  if (config.predicate !== null) {
    predicate = await plugins.create('predicate', config.predicate.type, `predicates.${config.predicate.alias}.type`)
    predicate.configure(config.predicate.configs)
  }
  return { className: config.type, transformation, predicate, applies: !config.negate }
}

/** True for a promise or anything like one. */
export function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
