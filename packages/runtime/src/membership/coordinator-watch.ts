// Watches a worker's requests to its coordinator: when none gets an answer for some time, the worker is on its own.
import type { GroupChannel, GroupProtocol, JoinAnswer, MemberIdentity, SyncAnswer } from '@millrace/kafka/group'
import { ErrorCode } from '@millrace/kafka/protocol'

/** A channel that passes all on to another, and notices how that goes. */
export class CoordinatorWatch implements GroupChannel {
  readonly #channel: GroupChannel
  readonly #patienceMs: number
  readonly #onLost: () => void
  #timer: NodeJS.Timeout | undefined
  #lost = false
  #silentSince: number | null = null
  #stopped = false

  /** @param patienceMs how long requests may fail in a row before `onLost` is called, once */
  constructor(channel: GroupChannel, patienceMs: number, onLost: () => void) {
    this.#channel = channel
    this.#patienceMs = patienceMs
    this.#onLost = onLost
  }

  /** Whether the coordinator is lost and {@link takeLost} was not asked since. */
  get isLost(): boolean {
    return this.#lost
  }

  /** Milliseconds since the first request in a row without an answer; 0 when the last one was answered. */
  get silentMs(): number {
    return this.#silentSince === null ? 0 : performance.now() - this.#silentSince
  }

  /** True once for each time that the coordinator was lost. */
  takeLost(): boolean {
    const lost = this.#lost
    this.#lost = false
    return lost
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  join(member: MemberIdentity, protocols: readonly GroupProtocol[], reason: string): Promise<JoinAnswer> {
    return this.#watched(this.#channel.join(member, protocols, reason), (answer) => answer.errorCode)
  }
  sync(...args: Parameters<GroupChannel['sync']>): Promise<SyncAnswer> {
    return this.#watched(this.#channel.sync(...args), (answer) => answer.errorCode)
  }
  heartbeat(member: MemberIdentity): Promise<number> {
    return this.#watched(this.#channel.heartbeat(member), (code) => code)
  }
  leave(member: MemberIdentity, reason: string, timeoutMs: number): Promise<number> {
    return this.#channel.leave(member, reason, timeoutMs)
  }
  forgetCoordinator(): void {
    this.#channel.forgetCoordinator()
  }

  async #watched<T>(request: Promise<T>, code: (answer: T) => number): Promise<T> {
    try {
      const answer = await request
      const known = code(answer)
      if (known === ErrorCode.NOT_COORDINATOR || known === ErrorCode.COORDINATOR_NOT_AVAILABLE) this.#unanswered()
      else this.#answered()
      return answer
    } catch (error) {
      this.#unanswered()
      throw error
    }
  }

  #answered(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#lost = false
    this.#silentSince = null
  }

  #unanswered(): void {
    this.#silentSince ??= performance.now()
    if (this.#timer !== undefined || this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#lost = true
      this.#onLost()
    }, this.#patienceMs)
  }
}
