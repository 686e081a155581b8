// One member of a classic group: what it said when it joined, and what it waits for.

/** One protocol (assignor) a member offers, with the metadata it sends under it. */
export interface OfferedProtocol {
  readonly name: string
  readonly metadata: Buffer
}

/** The coordinator's answer to a join. */
export interface JoinResult {
  readonly errorCode: number
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly memberId: string
  /** True when the leader need not assign: a static leader came back and nothing changed (KIP-814). */
  readonly skipAssignment: boolean
  readonly members: readonly JoinedMember[]
}

/** A member as the leader is told of it. */
export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Buffer
}

/** The coordinator's answer to a sync. */
export interface SyncResult {
  readonly errorCode: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Buffer
}

/** What a member says of itself. Times in ms. */
export interface MemberInit {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  readonly protocols: readonly OfferedProtocol[]
}

export const NO_BYTES = Buffer.alloc(0)

/** See the head of this file. */
export class Member {
  memberId: string
  readonly groupInstanceId: string | null
  clientId: string
  clientHost: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  protocols: readonly OfferedProtocol[]
  assignment: Buffer = NO_BYTES
  /** Answers the join the member waits in. */
  joinWaiter: ((result: JoinResult) => void) | undefined
  /** Answers the sync the member waits in. */
  syncWaiter: ((result: SyncResult) => void) | undefined

  #timer: NodeJS.Timeout | undefined
  #timerMs = -1

  constructor(init: MemberInit) {
    this.memberId = init.memberId
    this.groupInstanceId = init.groupInstanceId
    this.clientId = init.clientId
    this.clientHost = init.clientHost
    this.rebalanceTimeoutMs = init.rebalanceTimeoutMs
    this.sessionTimeoutMs = init.sessionTimeoutMs
    this.protocols = init.protocols
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }

  /** True when the member offers exactly `protocols`, bytes included. */
  offers(protocols: readonly OfferedProtocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every((p, i) => p.name === this.protocols[i]!.name && p.metadata.equals(this.protocols[i]!.metadata))
    )
  }

  metadataOf(protocol: string | null): Buffer {
    return this.protocols.find((p) => p.name === protocol)?.metadata ?? NO_BYTES
  }

  answerJoin(result: JoinResult): void {
    const waiter = this.joinWaiter
    this.joinWaiter = undefined
    waiter?.(result)
  }

  answerSync(result: SyncResult): void {
    const waiter = this.syncWaiter
    this.syncWaiter = undefined
    waiter?.(result)
  }

  /** Starts the session anew: `expired` is called when nothing is heard for `ms`. */
  startSession(ms: number, expired: () => void): void {
    if (this.#timer !== undefined && this.#timerMs === ms) {
      this.#timer.refresh()
      return
    }
    clearTimeout(this.#timer)
    this.#timerMs = ms
    this.#timer = setTimeout(expired, ms)
    this.#timer.unref()
  }

  endSession(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
