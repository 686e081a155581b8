// What was asked of a registry: found, not found, or being asked for. Bounded in number and in time.
import { Lru } from '../json/lru.ts'
import type { Maybe } from './maybe.ts'

interface Entry<V> {
  /** Set once known. */
  value: V | undefined
  /** Set while asking. */
  asking: Promise<V> | null
  /** Set for what is known not to exist. */
  error: unknown
  expiresMs: number
}

/** Bounds of a cache. Times in milliseconds; Infinity for no end. */
export interface CacheOptions {
  readonly size: number
  readonly ttlMs: number
  /** For how long a failure is remembered; 0 for not at all. */
  readonly missingTtlMs: number
  /** Which failures are remembered. */
  readonly isMissing: (error: unknown) => boolean
  /** Milliseconds since any fixed point. */
  readonly now: () => number
}

/** A cache of answers by key. Those who ask for the same while it is being asked share the answer. */
export class AnswerCache<V> {
  readonly #entries: Lru<string, Entry<V>>
  readonly #options: CacheOptions

  constructor(options: CacheOptions) {
    this.#entries = new Lru(options.size)
    this.#options = options
  }

  /** The value of `key`, now when it is known, else what `ask` brings. A failure is told to all who wait for it. */
  get(key: string, ask: () => Promise<V>): Maybe<V> {
    const entry = this.#entries.get(key)
    if (entry !== undefined && (entry.asking !== null || this.#options.now() < entry.expiresMs)) {
      if (entry.asking !== null) return entry.asking
      if (entry.error !== undefined) throw entry.error
      return entry.value as V
    }
    return this.#ask(key, ask)
  }
  /** Puts in what was learnt in passing. */
  set(key: string, value: V): void {
    const expiresMs = this.#options.now() + this.#options.ttlMs
    this.#entries.set(key, { value, asking: null, error: undefined, expiresMs })
  }
  delete(key: string): void {
    this.#entries.delete(key)
  }

  #ask(key: string, ask: () => Promise<V>): Promise<V> {
    const entry: Entry<V> = { value: undefined, asking: null, error: undefined, expiresMs: 0 }
    entry.asking = ask().then(
      (value) => {
        entry.value = value
        entry.asking = null
        entry.expiresMs = this.#options.now() + this.#options.ttlMs
        return value
      },
      (error: unknown) => {
        entry.asking = null
        const { missingTtlMs, isMissing, now } = this.#options
        if (missingTtlMs > 0 && isMissing(error)) {
          entry.error = error
          entry.expiresMs = now() + missingTtlMs
        } else if (this.#entries.get(key) === entry) {
          this.#entries.delete(key)
        }
        throw error
      },
    )
    this.#entries.set(key, entry)
    return entry.asking
  }
}
