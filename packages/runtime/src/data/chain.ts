// The transformation chain of a task: compiled once from its configuration, then a plain loop over plain functions.
import type { ConnectRecord, MaybePromise, Predicate, Transformation, ValueSlot } from '@millrace/api'
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

type RewritingStage = ChainStage & { readonly transformation: Required<Pick<Transformation, 'rewriteValue'>> }

function onlyRewrites(stage: ChainStage): stage is RewritingStage {
  return stage.predicate === null && stage.transformation.rewriteValue !== undefined
}

/** A chain that is not empty. */
export class TransformationChain {
  readonly #stages: readonly ChainStage[]
  /** How many stages from here on only rewrite the value, whatever the record: they share one new record. */
  readonly #rewrites: readonly number[]
  readonly #slot: ValueSlot = { schema: null, value: null }
  /** Class of the stage at work: for the report of a failure. */
  current = ''

  constructor(stages: readonly ChainStage[]) {
    this.#stages = stages
    this.#rewrites = stages.map((_, from) => {
      const end = stages.findIndex((stage, at) => at >= from && !onlyRewrites(stage))
      return (end < 0 ? stages.length : end) - from
    })
  }

  /** Takes a record through all stages; null when one dropped it. A promise only where a stage gave one. */
  apply<R extends ConnectRecord>(record: R, from = 0): MaybePromise<R | null> {
    const stages = this.#stages
    let at: ConnectRecord = record
    for (let index = from; index < stages.length; index++) {
      const rewrites = this.#rewrites[index] as number
      if (rewrites > 1) {
        at = this.#rewrite(at, index, rewrites)
        index += rewrites - 1
        continue
      }
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

  #rewrite(record: ConnectRecord, from: number, count: number): ConnectRecord {
    const slot = this.#slot
    slot.schema = record.valueSchema
    slot.value = record.value
    for (let index = from; index < from + count; index++) {
      const stage = this.#stages[index] as RewritingStage
      this.current = stage.className
      stage.transformation.rewriteValue(slot, record)
    }
    return slot.value === record.value && slot.schema === record.valueSchema
      ? record
      : record.withValue(slot.schema, slot.value)
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
