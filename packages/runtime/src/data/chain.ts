// The transformation chain of a task: compiled once from its configuration, then a plain loop over plain functions.
import type { ConnectRecord, FusedRewrite, MaybePromise, RawConfig, Transformation, ValueSlot } from '@millrace/api'
import { transformStages } from '../config/transform-config.ts'
import type { MetricSample, TaskId } from '../plane/messages.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import { type ChainStage, createStage, stageSamples } from './stages.ts'

/** One record of this many is timed, the first among them: to read the clock for each would cost as much as many a stage. */
const TIMED_EVERY = 256

type RewritingStage = ChainStage & { readonly transformation: Required<Pick<Transformation, 'rewriteValue'>> }

function onlyRewrites(stage: ChainStage): stage is RewritingStage {
  return stage.predicate === null && stage.transformation.rewriteValue !== undefined
}

/** Where fused rewrites begin: as many stages as each can do, from the start of every run on. */
function fusedRewrites(stages: readonly ChainStage[], rewrites: readonly number[]): (FusedRewrite | null)[] {
  const found: (FusedRewrite | null)[] = stages.map(() => null)
  for (let at = 0; at < stages.length; ) {
    const run = stages.slice(at, at + (rewrites[at] as number)).map((stage) => stage.transformation)
    const fused = run.length > 1 ? (run[0]?.fuse?.(run.slice(1)) ?? null) : null
    found[at] = fused
    at += fused?.count ?? 1
  }
  return found
}

/** False when the stages are to be asked one by one: also for an error, which must be that of the right one. */
function rewritten(fused: FusedRewrite, slot: ValueSlot, record: ConnectRecord): boolean {
  try {
    return fused.rewrite(slot, record)
  } catch {
    return false
  }
}

/** A chain that is not empty. */
export class TransformationChain {
  readonly #stages: readonly ChainStage[]
  /** How many stages from here on only rewrite the value, whatever the record: they share one new record. */
  readonly #rewrites: readonly number[]
  /** Rewrites that can do several stages at once, where they begin. */
  readonly #fused: readonly (FusedRewrite | null)[]
  readonly #slot: ValueSlot = { schema: null, value: null }
  /** The stage at work. */
  #at = 0
  #count = 0

  constructor(stages: readonly ChainStage[]) {
    this.#stages = stages
    this.#rewrites = stages.map((_, from) => {
      const end = stages.findIndex((stage, at) => at >= from && !onlyRewrites(stage))
      return (end < 0 ? stages.length : end) - from
    })
    this.#fused = fusedRewrites(stages, this.#rewrites)
  }

  /** Class of the stage at work: for the report of a failure. */
  get current(): string {
    return this.#stages[this.#at]?.className ?? ''
  }

  /**
   * Takes a record through all stages; null when one dropped it. A promise only where a stage gave one.
   * What a stage throws says at the end of its message which one it was.
   */
  apply<R extends ConnectRecord>(record: R, from = 0): MaybePromise<R | null> {
    const stages = this.#stages
    const timed = this.#count++ % TIMED_EVERY === 0
    let at: ConnectRecord = record
    try {
      for (let index = from; index < stages.length; index++) {
        const rewrites = this.#rewrites[index] as number
        if (rewrites > 1) {
          at = this.#rewrite(at, index, rewrites, timed)
          index += rewrites - 1
          continue
        }
        const stage = stages[index] as ChainStage
        this.#at = index
        if (stage.predicate !== null && stage.predicate.test(at) !== stage.applies) continue
        const since = timed ? performance.now() : 0
        const result = stage.transformation.apply(at)
        if (timed) stage.times.add(performance.now() - since)
        if (result === null) return null
        if (isPromise(result)) return this.#later(result, index)
        at = result
      }
    } catch (error) {
      throw this.#named(error)
    }
    return at as R
  }
  /** What the stages are, and how long they take a record. */
  samples(id: TaskId): MetricSample[] {
    return this.#stages.flatMap((stage) => stageSamples(stage, id))
  }
  /** Closes all transformations and predicates. */
  async close(): Promise<void> {
    for (const { transformation, predicate } of this.#stages) {
      await transformation.close?.()
      await predicate?.close?.()
    }
  }

  #rewrite(record: ConnectRecord, from: number, count: number, timed: boolean): ConnectRecord {
    const slot = this.#slot
    slot.schema = record.valueSchema
    slot.value = record.value
    for (let index = from; index < from + count; index++) {
      const fused = timed ? null : this.#fused[index]
      if (fused != null && rewritten(fused, slot, record)) {
        index += fused.count - 1
        continue
      }
      const stage = this.#stages[index] as RewritingStage
      this.#at = index
      const since = timed ? performance.now() : 0
      stage.transformation.rewriteValue(slot, record)
      if (timed) stage.times.add(performance.now() - since)
    }
    return slot.value === record.value && slot.schema === record.valueSchema
      ? record
      : record.withValue(slot.schema, slot.value)
  }
  async #later<R extends ConnectRecord>(result: PromiseLike<ConnectRecord | null>, index: number): Promise<R | null> {
    let record: ConnectRecord | null
    try {
      record = await result
    } catch (error) {
      throw this.#named(error)
    }
    return record === null ? null : ((await this.apply(record, index + 1)) as R | null)
  }
  /** The error with the alias of the stage at work in its message, once. */
  #named(error: unknown): unknown {
    const suffix = ` (transformation ${this.#stages[this.#at]?.alias})`
    if (error instanceof Error && !error.message.includes(suffix)) Reflect.set(error, 'message', error.message + suffix)
    return error
  }
}

/**
 * The chain of a connector's configuration, or null when it has none.
 * @param workerProps the worker's settings, which say whether code of a configuration may run
 * @throws ConfigException
 */
export async function createChain(
  props: Readonly<Record<string, string>>,
  plugins: PluginRegistry,
  workerProps: RawConfig,
): Promise<TransformationChain | null> {
  const configs = transformStages(props)
  if (configs.length === 0) return null
  return new TransformationChain(await Promise.all(configs.map((config) => createStage(config, plugins, workerProps))))
}

/** True for a promise or anything like one. */
export function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
