// Before new tasks of an exactly-once source begin, producers of the old ones are fenced, wherever they are (KIP-618). The leader
// does it, once for each generation of task configurations, and writes down how many tasks may run from then on.
import { NotFoundException } from '@millrace/api'
import type { StoredConfig } from '../control/entities.ts'
import { BadRequestException, RestException } from '../control/errors.ts'
import type { ConnectorType } from '../plane/messages.ts'
import type { ConfigBackingStore } from '../topics/config-topic/config-topic-store.ts'
import type { LeaderDuties } from './leader.ts'
import type { RequestQueue } from './request-queue.ts'

/** What fencing needs. */
export interface FencingParts {
  readonly configs: ConfigBackingStore
  readonly requests: RequestQueue
  readonly leader: LeaderDuties
  readonly typeOf: (config: StoredConfig) => ConnectorType | 'unknown'
  /** @throws NotLeaderException */
  readonly requireLeader: (message: string) => void
  /** Reads the config topic to its end. @throws ConnectException */
  readonly refresh: (when: string) => Promise<void>
  /** Fences the producers of this many tasks of a connector. */
  readonly fenceProducers: (connector: string, config: StoredConfig, tasks: number) => Promise<void>
}

/** Fencing rounds, one at a time for each connector. */
export class ZombieFencing {
  readonly #parts: FencingParts
  readonly #active = new Map<string, Promise<void>>()

  constructor(parts: FencingParts) {
    this.#parts = parts
  }

  /** Resolves when no task of an older generation can write any more. */
  async fence(connector: string): Promise<void> {
    const zombies = await this.#parts.requests.run(() => this.#zombies(connector))
    if (zombies === 0) return
    let round = this.#active.get(connector)
    if (round === undefined) {
      round = this.#round(connector, zombies).finally(() => this.#active.delete(connector))
      this.#active.set(connector, round)
    }
    await round
  }

  /** How many tasks of old may still be alive; when there are none, that is written down at once. */
  async #zombies(connector: string): Promise<number> {
    const { configs, refresh, requireLeader, typeOf } = this.#parts
    requireLeader('Only the leader may perform zombie fencing.')
    const config = configs.snapshot().connectorConfig(connector)
    if (config === undefined) throw new NotFoundException(`Connector ${connector} not found`)
    if (typeOf(config) !== 'source') throw new BadRequestException(`Connector ${connector} is not a source connector`)
    await refresh('before performing zombie fencing')
    const state = configs.snapshot()
    if (!state.pendingFencing(connector)) return 0
    const before = state.taskCountRecord(connector)
    const now = state.taskCount(connector)
    // One task follows one task under the same transactional id: the new one fences the old by itself.
    if (before !== undefined && (before !== 1 || now !== 1)) return before
    await this.#record(connector, now)
    return 0
  }

  async #round(connector: string, zombies: number): Promise<void> {
    const { configs, requests, refresh, fenceProducers } = this.#parts
    const state = configs.snapshot()
    const generation = state.taskConfigGeneration(connector)
    await fenceProducers(connector, state.connectorConfig(connector) ?? {}, zombies)
    await requests.run(async () => {
      await refresh('after fencing')
      const now = configs.snapshot()
      if (now.taskConfigGeneration(connector) !== generation) {
        throw new RestException(409, 'Fencing failed because new task configurations were generated for the connector')
      }
      await this.#record(connector, now.taskCount(connector))
    })
  }

  #record(connector: string, tasks: number): Promise<void> {
    const { leader, configs } = this.#parts
    return leader.write(`a task count record for connector ${connector}`, () =>
      configs.putTaskCountRecord(connector, tasks),
    )
  }
}

/** The transactional id of a task's producer, as the reference makes it. */
export function taskTransactionalId(groupId: string, connector: string, task: number): string {
  return `${groupId}-${connector}-${task}`
}
