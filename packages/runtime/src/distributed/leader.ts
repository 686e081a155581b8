// What only the leader does: writes that must have one writer, the key that workers sign with, and cleaning up after the deleted.
import { ConnectException, type Logger } from '@millrace/api'
import type { StatusReporter } from '../control/status-reporter.ts'
import type { StatusStore } from '../control/status-store.ts'
import { createSessionKey, type KeySettings, keyExpiresAt, whyNewKey } from '../membership/session-key.ts'
import type { ConfigBackingStore } from '../topics/config-topic/config-topic-store.ts'

/** What the duties need. */
export interface LeaderParts {
  readonly configs: ConfigBackingStore
  readonly statuses: StatusStore & { connectors(): readonly string[] }
  readonly status: StatusReporter
  readonly keys: KeySettings
  readonly now: () => number
  readonly log: Logger
}

/** The duties of the leader. Whether this worker is the leader, the caller knows. */
export class LeaderDuties {
  readonly #parts: LeaderParts
  #fenced = false

  constructor(parts: LeaderParts) {
    this.#parts = parts
  }

  /** This worker was made leader, or confirmed. */
  async elected(): Promise<void> {
    this.#forgetDeleted()
    await this.#claim('after being elected leader')
  }

  /** Gets the right to write back when a leader of before took it. @returns false when that did not work yet */
  async reclaim(isLeader: boolean): Promise<boolean> {
    if (!this.#fenced) return true
    if (isLeader) await this.#claim('after being fenced out')
    else this.#fenced = false
    return !this.#fenced
  }

  /** Writes something that only the leader may. @throws ConnectException saying that it may be tried again */
  async write(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#parts.log.warn(
        `Failed to write to the config topic as leader (${what}); the right to write is claimed again if this worker still leads`,
        { error },
      )
      this.#fenced = true
      throw new ConnectException(
        'Failed to write to config topic; this may be due to a transient error and the request can be safely retried',
        { cause: error },
      )
    }
  }

  /** Writes a new session key when there is none or it does not fit. @returns when the next one is due, in ms since the epoch */
  async renewKey(): Promise<number> {
    const { configs, keys, now, log } = this.#parts
    const current = configs.snapshot().sessionKey
    const reason = whyNewKey(current, keys, now())
    if (reason === undefined && current !== null) return keyExpiresAt(current, keys)
    log.debug(`Distributing a new session key: ${reason}`)
    const key = createSessionKey(keys, now())
    await this.write('a new session key', () => configs.putSessionKey(key))
    return keyExpiresAt(key, keys)
  }

  async #claim(when: string): Promise<void> {
    try {
      await this.#parts.configs.claimWritePrivileges()
      this.#fenced = false
    } catch (error) {
      this.#fenced = true
      this.#parts.log.warn(`Unable to claim the right to write to the config topic ${when}; trying again`, { error })
    }
  }

  /** States of what was deleted: their owners could not remove them, or wrote them again while stopping. */
  #forgetDeleted(): void {
    const { configs, statuses, status } = this.#parts
    const state = configs.snapshot()
    for (const name of statuses.connectors()) {
      const tasks = new Set(state.tasks(name).map(({ task }) => task))
      for (const { id } of statuses.tasks(name)) if (!tasks.has(id.task)) status.task(id, 'DESTROYED', null, '')
      if (!state.contains(name)) status.connector(name, 'DESTROYED', null, '')
    }
  }
}
