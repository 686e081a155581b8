// What the handlers of requests work with.
import type { BrokerConfig } from '../config/broker-config.ts'
import type { GroupCoordinator } from '../group/coordinator.ts'
import type { Logger } from '../logger.ts'
import type { Topic, TopicRegistry } from '../topics/topic-registry.ts'
import type { TransactionCoordinator } from '../transaction/coordinator.ts'
import type { FetchSessions } from './fetch-sessions.ts'

/** This broker as clients see it. */
export interface NodeAddress {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** See the head of this file. */
export interface Services {
  readonly dataDirectory: string
  readonly config: BrokerConfig
  readonly log: Logger
  readonly now: () => number
  readonly topics: TopicRegistry
  readonly groups: GroupCoordinator
  readonly transactions: TransactionCoordinator
  readonly sessions: FetchSessions
  readonly node: NodeAddress
  /** Creates a topic as a client's wish to use it does; undefined when that is not allowed. @throws BrokerError */
  autoCreate(name: string): Topic | undefined
}
