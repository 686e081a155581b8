// The membership of one registry instance in the group that elects the primary: the only one that writes.
import { ConnectException, type Logger } from '@millrace/api'
import { ClusterChannel, type ClusterClient, GroupMember } from '@millrace/kafka'
import {
  choosePrimary,
  DUPLICATE_URLS,
  decodeAssignment,
  decodeIdentity,
  encodeAssignment,
  encodeIdentity,
  type Identity,
  PROTOCOL_NAME,
  PROTOCOL_TYPE,
  urlOf,
} from './protocol.ts'

/** Times in milliseconds. */
export interface ElectionOptions {
  readonly cluster: ClusterClient
  readonly groupId: string
  readonly identity: Omit<Identity, 'leader'>
  readonly sticky: boolean
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly requestTimeoutMs: number
  /** This instance became primary: what others wrote must be read before it writes. */
  readonly elected: () => void
  readonly log: Logger
}

const BACKOFF = { initialMs: 100, maxMs: 1_000 }
const LEAVE_MS = 2_000
/** The longest time that a timer can wait: nobody polls here. */
const NEVER_MS = 0x7fffffff

/** Takes part in the election until closed. */
export class Election {
  readonly #options: ElectionOptions
  readonly #member: GroupMember
  readonly #url: string
  #primary: Identity | null = null
  #wake: () => void = () => {}
  #first = Promise.withResolvers<void>()
  /** Milliseconds since the epoch. */
  #joinedAt = 0
  readonly #watching = new Set<() => void>()
  #closed = false
  #loop: Promise<void> | undefined

  constructor(options: ElectionOptions) {
    this.#options = options
    this.#url = urlOf({ ...options.identity, leader: false })
    const { cluster, groupId, sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs, requestTimeoutMs } = options
    const shared = { groupId, protocolType: PROTOCOL_TYPE, sessionTimeoutMs }
    this.#member = new GroupMember(
      {
        ...shared,
        groupInstanceId: null,
        heartbeatIntervalMs,
        maxPollIntervalMs: NEVER_MS,
        channel: new ClusterChannel({ ...shared, cluster, rebalanceTimeoutMs, requestTimeoutMs }),
        backoff: BACKOFF,
        log: options.log,
      },
      {
        protocols: () => [{ name: PROTOCOL_NAME, metadata: encodeIdentity(this.#identity()) }],
        assign: async (_protocol, members) => {
          const identities = new Map(members.map((one) => [one.memberId, decodeIdentity(one.metadata)]))
          const assignment = encodeAssignment(choosePrimary(identities, options.sticky))
          return new Map(members.map((one) => [one.memberId, assignment]))
        },
        wake: () => this.#wake(),
      },
    )
  }

  /**
   * True while this instance is the primary for all it knows. It stops being it at the end of its session, counted from
   * the last heartbeat that was answered: by then another one may have been elected.
   */
  get isPrimary(): boolean {
    if (this.#primary === null || urlOf(this.#primary) !== this.#url) return false
    const seenAt = Math.max(this.#member.lastHeartbeatAt, this.#joinedAt)
    return Date.now() - seenAt < this.#options.sessionTimeoutMs
  }

  /** Where the primary is reached when it is another instance; undefined when none is known. */
  get otherPrimaryUrl(): string | undefined {
    const url = this.#primaryUrl()
    return url === this.#url ? undefined : url
  }

  /** Calls `listener` after each election until the function that is returned is called. */
  watch(listener: () => void): () => void {
    this.#watching.add(listener)
    return () => void this.#watching.delete(listener)
  }

  /** Resolves after the next election, at the latest after `timeoutMs`. */
  next(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        unwatch()
        resolve()
      }
      const unwatch = this.watch(done)
      const timer = setTimeout(done, timeoutMs)
    })
  }

  /** Joins, and resolves after the first election. @throws ConnectException after `timeoutMs`, or for a URL that another instance has */
  async start(timeoutMs: number): Promise<void> {
    this.#loop = this.#run()
    const late = () =>
      this.#first.reject(
        new ConnectException(`The group ${this.#options.groupId} elected no primary within ${timeoutMs} ms.`, {
          action: 'Look at the brokers of kafkastore.bootstrap.servers, or raise kafkastore.init.timeout.ms.',
        }),
      )
    const timer = setTimeout(late, timeoutMs)
    try {
      await this.#first.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** Leaves the group, so that another one is elected at once. */
  async close(): Promise<void> {
    this.#closed = true
    this.#primary = null
    await this.#member.close({ timeoutMs: LEAVE_MS })
    this.#wake()
    await this.#loop
  }

  #primaryUrl(): string | undefined {
    return this.#primary === null ? undefined : urlOf(this.#primary)
  }

  #identity(): Identity {
    return { ...this.#options.identity, leader: this.isPrimary }
  }

  async #run(): Promise<void> {
    const { log, groupId } = this.#options
    while (!this.#closed) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      try {
        this.#member.polled()
        const failure = this.#member.takeFailure()
        if (failure !== undefined) throw failure
        // Who was thrown out of the group may have been replaced.
        if (this.#member.takeLost() !== undefined) this.#primary = null
        if (!this.#member.needsJoin) {
          await woken
          continue
        }
        const joined = await this.#member.join()
        if (joined !== undefined) this.#assigned(joined.assignment)
      } catch (error) {
        if (this.#closed) return
        this.#first.reject(error)
        log.error('The election of the primary failed and is tried again', { group: groupId, error })
        await new Promise((resolve) => setTimeout(resolve, BACKOFF.maxMs))
      }
    }
  }

  #assigned(bytes: Buffer): void {
    const { log, groupId, elected } = this.#options
    const { error, primary } = decodeAssignment(bytes)
    this.#joinedAt = Date.now()
    if (error === DUPLICATE_URLS) {
      throw new ConnectException(`Several instances of the group ${groupId} say that they are reached at one URL.`, {
        action: 'Give each its own host.name, one under which the others reach it.',
      })
    }
    const before = this.#primaryUrl()
    this.#primary = primary
    if (primary === null)
      log.warn('No instance may be primary: schemas can be read and not written', { group: groupId })
    else if (before !== this.#primaryUrl()) log.info(`The primary is ${this.#primaryUrl()}`, { group: groupId })
    if (this.#primaryUrl() === this.#url) elected()
    this.#first.resolve()
    for (const tell of this.#watching) tell()
  }
}
