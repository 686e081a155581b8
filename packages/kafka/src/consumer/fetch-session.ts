// A fetch session with one broker (KIP-227): after a first full request only what changed is sent and answered.

/** One partition of a fetch request. */
export interface FetchPart {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly fetchOffset: number
  readonly lastFetchedEpoch: number
  readonly partitionMaxBytes: number
}

/** What a request of the session holds. */
export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  /** Partitions that are new to the session or changed in it; all of them in a full request. */
  readonly send: readonly FetchPart[]
  /** Partitions the broker shall no longer answer for. */
  readonly forget: readonly FetchPart[]
}

const NO_SESSION = 0
const FULL_EPOCH = 0
const FINAL_EPOCH = -1

export class FetchSession {
  #id = NO_SESSION
  #epoch = FULL_EPOCH
  #parts = new Map<string, FetchPart>()

  /** The next request, so that the broker answers for exactly `wanted`. */
  next(wanted: readonly FetchPart[]): SessionRequest {
    const parts = new Map(wanted.map((part) => [key(part), part]))
    const request = {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      send: this.#epoch === FULL_EPOCH ? wanted : wanted.filter((part) => this.#changed(part)),
      forget: this.#epoch === FULL_EPOCH ? [] : [...this.#parts].filter(([name]) => !parts.has(name)).map((e) => e[1]),
    }
    this.#parts = parts
    return request
  }

  /** A good answer: the broker opened or kept the session; id 0 means it has no room for one. */
  answered(sessionId: number): void {
    if (sessionId === NO_SESSION) {
      this.#id = NO_SESSION
      this.#epoch = FULL_EPOCH
      return
    }
    this.#epoch = sessionId === this.#id ? (this.#epoch === 2 ** 31 - 1 ? 1 : this.#epoch + 1) : 1
    this.#id = sessionId
  }

  /** The request failed: whether the broker saw it is unknown, so the next one is full and takes the session's place. */
  failed(): void {
    this.#epoch = FULL_EPOCH
  }

  /** The broker does not know the session: begin without one. */
  lost(): void {
    this.#id = NO_SESSION
    this.#epoch = FULL_EPOCH
  }

  /** The request that ends the session, or undefined when there is none. */
  close(): SessionRequest | undefined {
    if (this.#id === NO_SESSION) return undefined
    const request = { sessionId: this.#id, sessionEpoch: FINAL_EPOCH, send: [], forget: [] }
    this.lost()
    return request
  }

  #changed(part: FetchPart): boolean {
    const known = this.#parts.get(key(part))
    return (
      known === undefined ||
      known.fetchOffset !== part.fetchOffset ||
      known.currentLeaderEpoch !== part.currentLeaderEpoch ||
      known.lastFetchedEpoch !== part.lastFetchedEpoch ||
      known.partitionMaxBytes !== part.partitionMaxBytes
    )
  }
}

function key(part: FetchPart): string {
  return `${part.topic} ${part.partition} ${part.topicId}`
}
