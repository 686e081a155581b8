// Consumers without anything new wait together: one fetch for all of them to each broker, instead of one each. Whoever gets records
// leaves, and fetches on a connection of its own as long as more come.
import type { ClusterClient } from '../cluster/index.ts'
import { ErrorCode, errorCodeInfo, Fetch, type ResponseOf } from '../protocol/index.ts'
import { fetchRequest } from './fetch-request.ts'
import { type FetchPart, FetchSession } from './fetch-session.ts'

type FetchAnswer = ResponseOf<typeof Fetch>
/** Topics of an answer, as far as they are one consumer's. */
export type TopicAnswers = FetchAnswer['responses']

/** Settings that consumers must have alike to wait in one request. */
export interface IdleSettings {
  readonly minBytes: number
  readonly maxWaitMs: number
  readonly readCommitted: boolean
  readonly requestTimeoutMs: number
}

/** One consumer's place in the request to one broker. */
export interface IdleSeat {
  readonly parts: readonly FetchPart[]
  /** A request goes out that asks for the parts: from now on nobody else needs to. */
  begins(): void
  /** Its part of an answer that has something for it. With records or an error in it the seat is given up before. */
  accept(responses: TopicAnswers): void
  /** The request failed: the seat is given up, and the consumer finds out for itself. */
  failed(): void
}

const LANE = 'idle-fetch'
/** More than one large batch; what does not fit is asked for by its consumer itself. */
const MAX_BYTES = 4 * 1024 * 1024

/** The request to one broker. */
class IdleFetch {
  readonly #cluster: ClusterClient
  readonly #node: number
  readonly #settings: IdleSettings
  readonly #session = new FetchSession()
  readonly #seats = new Set<IdleSeat>()
  #running = false

  constructor(cluster: ClusterClient, node: number, settings: IdleSettings) {
    this.#cluster = cluster
    this.#node = node
    this.#settings = settings
  }

  /** From the next request on; one that is under way cannot be changed any more. */
  add(seat: IdleSeat): void {
    this.#seats.add(seat)
    if (!this.#running) void this.#run()
  }

  /** An answer under way is no longer told. */
  remove(seat: IdleSeat): void {
    this.#seats.delete(seat)
  }

  async #run(): Promise<void> {
    this.#running = true
    // Who comes in the same turn is in the first request.
    await null
    try {
      while (this.#seats.size > 0) await this.#once([...this.#seats])
    } catch {
      this.#session.failed()
      for (const seat of [...this.#seats]) this.#giveUp(seat)
    } finally {
      this.#running = false
    }
    // Who came while the last ones were sent away.
    if (this.#seats.size > 0) void this.#run()
  }

  async #once(seats: readonly IdleSeat[]): Promise<void> {
    const { maxWaitMs, requestTimeoutMs } = this.#settings
    const owners = new Map<string, IdleSeat[]>()
    const parts = new Map<string, FetchPart>()
    for (const seat of seats) for (const part of seat.parts) addPart(parts, owners, part, seat)
    const request = fetchRequest(this.#session.next([...parts.values()]), { ...this.#settings, maxBytes: MAX_BYTES })
    for (const seat of seats) seat.begins()
    const options = { timeoutMs: requestTimeoutMs + maxWaitMs, lane: LANE }
    const answer = await this.#cluster.send(this.#node, Fetch, request, options)
    if (answer.errorCode !== ErrorCode.NONE) {
      this.#session.lost()
      throw new Error(`The shared fetch was refused: ${errorCodeInfo(answer.errorCode).name}`)
    }
    this.#session.answered(answer.sessionId)
    this.#hand(answer.responses, owners)
  }

  #hand(responses: TopicAnswers, owners: ReadonlyMap<string, readonly IdleSeat[]>): void {
    const told = new Map<IdleSeat, TopicAnswers[number][]>()
    const over = new Set<IdleSeat>()
    for (const response of responses) {
      for (const one of response.partitions) {
        const name = response.topic === '' ? response.topicId : response.topic
        for (const seat of owners.get(`${name} ${one.partitionIndex}`) ?? []) {
          if (!this.#seats.has(seat)) continue
          const mine = told.get(seat) ?? []
          mine.push({ ...response, partitions: [one] })
          told.set(seat, mine)
          if (endsWaiting(one)) over.add(seat)
        }
      }
    }
    for (const [seat, mine] of told) {
      // What one is told may have made it leave, or take another.
      if (!this.#seats.has(seat)) continue
      if (over.has(seat)) this.#seats.delete(seat)
      seat.accept(mine)
    }
  }

  #giveUp(seat: IdleSeat): void {
    if (this.#seats.delete(seat)) seat.failed()
  }
}

/**
 * Two consumers may wait for the same partition, in different groups: each place in the log is asked for once. One that stands
 * further back than another is not idle: its records come at once, and both leave.
 */
function addPart(
  parts: Map<string, FetchPart>,
  owners: Map<string, IdleSeat[]>,
  part: FetchPart,
  seat: IdleSeat,
): void {
  const key = `${part.topic} ${part.partition}`
  const other = parts.get(key)
  if (other === undefined || part.fetchOffset < other.fetchOffset) parts.set(key, part)
  for (const name of [key, `${part.topicId} ${part.partition}`]) {
    const seats = owners.get(name)
    if (seats === undefined) owners.set(name, [seat])
    else if (!seats.includes(seat)) seats.push(seat)
  }
}

/** True for what a consumer does not go on waiting after: records, or an error. */
export function endsWaiting(answer: TopicAnswers[number]['partitions'][number]): boolean {
  return answer.errorCode !== ErrorCode.NONE || (answer.records !== null && answer.records.length > 0)
}

/** The requests of one kind of consumers, one to each broker. */
export class IdleFetches {
  readonly #cluster: ClusterClient
  readonly #settings: IdleSettings
  readonly #nodes = new Map<number, IdleFetch>()

  private constructor(cluster: ClusterClient, settings: IdleSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  /** Those that consumers of these settings share; undefined for one that shares nothing. */
  static of(cluster: ClusterClient, settings: IdleSettings): IdleFetches | undefined {
    if (cluster.common === undefined) return undefined
    const { minBytes, maxWaitMs, readCommitted, requestTimeoutMs } = settings
    const name = `idle fetches ${minBytes} ${maxWaitMs} ${readCommitted} ${requestTimeoutMs}`
    const { things, cluster: shared } = cluster.common
    const known = things.get(name)
    if (known instanceof IdleFetches) return known
    const made = new IdleFetches(shared, { minBytes, maxWaitMs, readCommitted, requestTimeoutMs })
    things.set(name, made)
    return made
  }

  /** Takes a seat in the request to `node`. Returns how to leave it. */
  join(node: number, seat: IdleSeat): () => void {
    let fetch = this.#nodes.get(node)
    if (fetch === undefined) {
      fetch = new IdleFetch(this.#cluster, node, this.#settings)
      this.#nodes.set(node, fetch)
    }
    fetch.add(seat)
    return () => fetch.remove(seat)
  }
}
