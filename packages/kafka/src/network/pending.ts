// Requests that wait for their answers on one connection: a broker answers in the order in which it was asked.
import type { ByteReader } from '../protocol/reader.ts'

/** One request without an answer yet. */
export interface PendingRequest {
  readonly correlationId: number
  readonly api: string
  resolve(body: ByteReader): void
  reject(error: unknown): void
  timer: NodeJS.Timeout | null
  /** When it was sent (performance.now), where somebody wants to know; else 0. */
  readonly at: number
}

/** First in, first out, without shifting an array. */
export class PendingQueue {
  #items: (PendingRequest | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }
  push(request: PendingRequest): void {
    this.#items.push(request)
  }
  shift(): PendingRequest | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    }
    return item
  }
  /** Takes all out. */
  drain(): PendingRequest[] {
    const rest = this.#items.slice(this.#head) as PendingRequest[]
    this.#items = []
    this.#head = 0
    return rest
  }
}
