// When one consumer waits with others, broker by broker, and when it fetches by itself.
import type { FetchPart } from './fetch-session.ts'
import { endsWaiting, type IdleFetches, type TopicAnswers } from './idle-fetches.ts'

/** Answers without records in a row after which a consumer waits with others. */
const EMPTY_ANSWERS = 2

/** How often whether there is anything is asked until the seat is in a request. */
const PROBE_MS = 100

interface Seat {
  readonly parts: readonly FetchPart[]
  readonly leave: () => void
  /** A request under way asks for the parts. */
  active: boolean
}

/** What is done with what comes to a seat. */
export interface SeatHolder {
  /** Something of an answer: to the parts as they were when the seat was taken. */
  accept(node: number, responses: TopicAnswers): void
  /** The request it sits in was answered, and goes out again. */
  alive(): void
  /** The seat is lost. */
  failed(node: number): void
}

export class IdleSeats {
  readonly #fetches: IdleFetches
  readonly #holder: SeatHolder
  readonly #seats = new Map<number, Seat>()
  /** Answers in a row that held nothing. */
  readonly #empty = new Map<number, number>()
  /** Brokers that had something for this consumer: it has a connection of its own to them. */
  readonly #alone = new Set<number>()
  readonly #probedAt = new Map<number, number>()

  constructor(fetches: IdleFetches, holder: SeatHolder) {
    this.#fetches = fetches
    this.#holder = holder
  }

  /** True until a broker has something: whether it has is asked without waiting, over the connection that all share. */
  probes(node: number): boolean {
    return !this.#alone.has(node)
  }

  /** An answer to a fetch of the consumer's own. */
  answered(node: number, isEmpty: boolean, wasProbe: boolean): void {
    if (wasProbe) this.#probedAt.set(node, performance.now())
    if (!isEmpty) this.#alone.add(node)
    this.#empty.set(node, isEmpty ? (wasProbe ? EMPTY_ANSWERS : (this.#empty.get(node) ?? 0) + 1) : 0)
  }

  /** Gives up a seat for other parts than these; true while there is one. */
  keeps(node: number, parts: readonly FetchPart[]): boolean {
    const seat = this.#seats.get(node)
    if (seat === undefined) return false
    if (sameParts(seat.parts, parts)) return true
    this.leave(node)
    return false
  }

  /**
   * Milliseconds for which the consumer need not ask by itself: without end once its seat is in a request under way. Until then
   * it goes on as before; a probe is repeated now and then.
   */
  restMs(node: number): number {
    if (this.#seats.get(node)?.active === true) return Number.POSITIVE_INFINITY
    return this.probes(node) ? (this.#probedAt.get(node) ?? 0) + PROBE_MS - performance.now() : 0
  }

  /** Takes a seat if the last answers held nothing; what the parts mean must be kept until it is left. */
  take(node: number, parts: readonly FetchPart[]): boolean {
    if ((this.#empty.get(node) ?? 0) < EMPTY_ANSWERS) return false
    const leave = this.#fetches.join(node, {
      parts,
      begins: () => {
        const seat = this.#seats.get(node)
        if (seat?.parts === parts) seat.active = true
        this.#holder.alive()
      },
      accept: (responses) => {
        if (responses.some(({ partitions }) => partitions.some(endsWaiting))) this.#over(node)
        this.#holder.accept(node, responses)
      },
      failed: () => {
        this.#over(node)
        this.#holder.failed(node)
      },
    })
    // The request goes out in another turn: the seat is known when it begins.
    this.#seats.set(node, { parts, leave, active: false })
    return true
  }

  leave(node: number): void {
    this.#seats.get(node)?.leave()
    this.#seats.delete(node)
  }

  /** Leaves the seats at brokers that nothing is wanted from. */
  leaveAllBut(nodes: { has(node: number): boolean }): void {
    for (const node of this.#seats.keys()) if (!nodes.has(node)) this.leave(node)
  }

  #over(node: number): void {
    this.#seats.delete(node)
    this.#alone.add(node)
    this.#empty.set(node, 0)
  }
}

function sameParts(one: readonly FetchPart[], other: readonly FetchPart[]): boolean {
  return (
    one.length === other.length &&
    one.every((part, index) => {
      const against = other[index]!
      return (
        part.topic === against.topic &&
        part.topicId === against.topicId &&
        part.partition === against.partition &&
        part.fetchOffset === against.fetchOffset &&
        part.currentLeaderEpoch === against.currentLeaderEpoch &&
        part.lastFetchedEpoch === against.lastFetchedEpoch
      )
    })
  )
}
