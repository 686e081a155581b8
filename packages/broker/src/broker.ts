// Puts the broker together: storage, coordinators, handlers, port, housekeeping.
import { ErrorCode } from '@millrace/kafka/protocol'
import { BrokerConfig } from './config/broker-config.ts'
import { BrokerError } from './errors.ts'
import { GroupCoordinator } from './group/coordinator.ts'
import { GroupStore } from './group/group-store.ts'
import { Housekeeper } from './housekeeper.ts'
import { type Logger, silentLogger } from './logger.ts'
import { Dispatcher } from './server/dispatcher.ts'
import { FetchSessions } from './server/fetch-sessions.ts'
import { Listener } from './server/listener.ts'
import { allRoutes } from './server/routes.ts'
import type { NodeAddress, Services } from './server/services.ts'
import { type FileIo, realFiles } from './storage/file-io.ts'
import { InternalTopic } from './topics/internal-topic.ts'
import { OFFSETS_TOPIC, TRANSACTION_TOPIC } from './topics/topic-name.ts'
import { TopicRegistry } from './topics/topic-registry.ts'
import { TransactionCoordinator } from './transaction/coordinator.ts'
import { TransactionStore } from './transaction/transaction-store.ts'

/** How to start a broker. */
export interface BrokerOptions {
  /** Folder for everything the broker keeps; made if it is not there. One broker a folder at a time. */
  readonly dataDir: string
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string
  /** Host name told to clients; default the one listened on. */
  readonly advertisedHost?: string
  /** Port told to clients; default the one listened on. */
  readonly advertisedPort?: number
  /** Default: silence. */
  readonly log?: Logger
  /** Broker configuration under Kafka's keys (`num.partitions`, `log.retention.ms`, ...). */
  readonly config?: Readonly<Record<string, string | number | boolean>>
  /** Clock in ms, for tests of retention and time limits. */
  readonly now?: () => number
  /** The disk, for tests of its failures. */
  readonly io?: FileIo
}

/** A running broker. */
export interface RunningBroker extends AsyncDisposable {
  readonly port: number
  /** `host:port` for `bootstrap.servers`. */
  readonly bootstrap: string
  readonly clusterId: string
  readonly dataDir: string
  /** Number of open client connections. */
  readonly connections: number
  /** Runs retention, compaction and the time limits of coordinators now instead of at their next turn. */
  houseKeep(): Promise<void>
  /** Stops taking requests, ends connections, closes the logs. May be called any number of times. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

/**
 * Starts a single-node broker in this process. It is for development and tests: it has no replicas and no security.
 * What was acknowledged survives the death of the process; an operating system that dies may take with it what was not
 * flushed yet (`log.flush.interval.messages=1` flushes at every append).
 * @throws the system's error when the port is taken or the folder cannot be used; BrokerError for a configuration that cannot be
 */
export async function startBroker(options: BrokerOptions): Promise<RunningBroker> {
  const { dataDir } = options
  const host = options.host ?? LOOPBACK
  const advertised = options.advertisedHost ?? (host === '0.0.0.0' || host === '::' ? 'localhost' : host)
  const log = options.log ?? silentLogger
  const now = options.now ?? Date.now
  const config = new BrokerConfig(options.config ?? {})
  let routeRequest: Dispatcher | undefined
  const listener = new Listener({ config, log, answer: (frame, from) => routeRequest!.answer(frame, from) })
  // The port comes first: when it is taken, no log has been touched.
  const port = await listener.listen(options.port ?? 0, host)
  let services: Services
  try {
    const topics = new TopicRegistry({ directory: dataDir, config, log, io: options.io ?? realFiles, now })
    services = assemble(
      { dataDirectory: dataDir, config, log, now, topics },
      { port: options.advertisedPort ?? port, host: advertised },
    )
  } catch (error) {
    await listener.close()
    throw error
  }
  routeRequest = new Dispatcher(allRoutes(), services)
  const housekeeper = new Housekeeper(services, listener)
  const bootstrap = `${advertised.includes(':') ? `[${advertised}]` : advertised}:${options.advertisedPort ?? port}`
  log.info(`broker ${services.node.id} listens on ${bootstrap}, data in ${dataDir}`)
  let closing: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      await housekeeper.stop()
      services.groups.close()
      await listener.close()
      services.topics.close()
      log.info(`broker ${services.node.id} stopped`)
    })())
  return {
    port,
    bootstrap,
    clusterId: services.topics.clusterId,
    dataDir,
    get connections() {
      return listener.connections
    },
    houseKeep: () => housekeeper.runAll(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

type Base = Pick<Services, 'dataDirectory' | 'config' | 'log' | 'now' | 'topics'>

function assemble(base: Base, address: Omit<NodeAddress, 'id'>): Services {
  const { config, log, now, topics } = base
  const internalConfig = (segmentKey: 'offsets.topic.segment.bytes' | 'transaction.state.log.segment.bytes') => () => ({
    'cleanup.policy': 'compact',
    'compression.type': 'producer',
    'segment.bytes': config.text(segmentKey),
  })
  const offsets = new InternalTopic(
    OFFSETS_TOPIC,
    topics,
    () => config.number('offsets.topic.num.partitions'),
    internalConfig('offsets.topic.segment.bytes'),
  )
  const state = new InternalTopic(
    TRANSACTION_TOPIC,
    topics,
    () => config.number('transaction.state.log.num.partitions'),
    internalConfig('transaction.state.log.segment.bytes'),
  )
  const groups = new GroupCoordinator({ config, log, now, store: new GroupStore(offsets, now) })
  const store = new TransactionStore(state, now)
  const transactions = new TransactionCoordinator({
    config,
    log,
    now,
    reserveProducerIds: (count) => topics.reserveProducerIds(count),
    save: (record) => store.save(record),
    erase: (id) => store.erase(id),
    writeMarker: ({ topic, partition }, producerId, epoch, commit) => {
      const target = topics.log(topic, partition)
      if (target === undefined) return
      target.appendMarker(producerId, epoch, commit, TransactionCoordinator.EPOCH)
      if (topic === OFFSETS_TOPIC) groups.decide(partition, producerId, commit)
    },
  })
  transactions.restore(store.load())
  topics.onDelete((topic) => groups.topicDeleted(topic.name))
  return {
    ...base,
    groups,
    transactions,
    sessions: new FetchSessions(topics, () => config.number('max.incremental.fetch.session.cache.slots'), now),
    node: { id: config.number('broker.id'), ...address },
    autoCreate: (name) => {
      if (name === OFFSETS_TOPIC) return offsets.ensure()
      if (name === TRANSACTION_TOPIC) return state.ensure()
      if (!config.flag('auto.create.topics.enable')) return undefined
      try {
        return topics.create(name, config.number('num.partitions'), {})
      } catch (error) {
        if (error instanceof BrokerError && error.code === ErrorCode.TOPIC_ALREADY_EXISTS) return topics.get(name)
        throw error
      }
    },
  }
}
