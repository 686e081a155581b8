// Source offsets of all connectors of a cluster: those with an offset topic of their own (`offsets.storage.topic`, KIP-618) in that,
// opened when first needed and closed when nobody asks any more; all others in the worker's.
import type { ConnectorProps, Logger, OffsetMap, PartitionOffset } from '@millrace/api'
import type { ClientOwner } from '../../config/client-configs.ts'
import type { OffsetStore, StoredOffset } from '../../control/offset-store.ts'
import type { KeyedOffsetStore } from './keyed-offset-store.ts'
import type { ConnectorOffsetOptions } from './open-offset-topic.ts'

/** What the stores are made of. */
export interface ConnectorStoresParts {
  /** Over the worker's topic. */
  readonly worker: KeyedOffsetStore
  readonly workerTopic: string
  readonly workerProps: ConnectorProps
  /** A connector's configuration, references resolved; undefined for one that there is not. */
  readonly propsOf: (connector: string) => Promise<ConnectorProps | undefined>
  readonly open: (options: ConnectorOffsetOptions) => KeyedOffsetStore
  readonly log: Logger
}

interface OwnStore {
  /** All that decides what is opened: topic and clients. */
  readonly settings: string
  readonly store: Promise<KeyedOffsetStore>
  users: number
  idle: NodeJS.Timeout | undefined
}

/** Above offset.flush.interval.ms as most set it, so that a running connector's stays open. */
const IDLE_MS = 120_000

/** The store that the worker works with. */
export class ConnectorStores implements OffsetStore {
  readonly #parts: ConnectorStoresParts
  readonly #own = new Map<string, OwnStore>()

  constructor(parts: ConnectorStoresParts) {
    this.#parts = parts
  }

  start(): Promise<void> {
    return this.#parts.worker.start()
  }
  async stop(): Promise<void> {
    await Promise.all([...this.#own.keys()].map((connector) => this.#close(connector)))
    await this.#parts.worker.stop()
  }

  read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return this.#with(connector, (store) => store.read(connector, partitions))
  }
  list(connector: string): Promise<readonly StoredOffset[]> {
    return this.#with(connector, (store) => store.list(connector))
  }
  write(connector: string, offsets: readonly PartitionOffset[]): Promise<void> {
    return this.#with(connector, (store) => store.write(connector, offsets))
  }
  /** Keys for each partition in the connector's topic. */
  keys(connector: string, partitions: readonly OffsetMap[]): Promise<(readonly Uint8Array[])[]> {
    return this.#with(connector, async (store) => partitions.map((partition) => store.keys(connector, partition)))
  }
  /** Stores offsets in the worker's topic, whatever topic the connector has. */
  copy(connector: string, offsets: readonly PartitionOffset[]): Promise<void> {
    return this.#parts.worker.write(connector, offsets)
  }

  async #with<T>(connector: string, work: (store: KeyedOffsetStore) => Promise<T>): Promise<T> {
    const { propsOf, workerTopic, workerProps, worker } = this.#parts
    const connectorProps = await propsOf(connector)
    const topic = connectorProps?.['offsets.storage.topic'] ?? workerTopic
    // A task may have something to store after its connector was deleted.
    const left = connectorProps === undefined ? this.#own.get(connector) : undefined
    if (left === undefined && (connectorProps === undefined || topic === workerTopic)) {
      await this.#close(connector)
      return work(worker)
    }
    const own = left ?? (await this.#opened({ workerProps, connectorProps: connectorProps ?? {}, connector }, topic))
    own.users++
    clearTimeout(own.idle)
    try {
      return await work(await own.store)
    } finally {
      own.users--
      if (own.users === 0) own.idle = setTimeout(() => void this.#closeIdle(connector, own), IDLE_MS).unref()
    }
  }

  async #opened(owner: ClientOwner, topic: string): Promise<OwnStore> {
    const { connector } = owner
    const settings = JSON.stringify([topic, clientSettings(owner.connectorProps)])
    const found = this.#own.get(connector)
    if (found?.settings === settings) return found
    await this.#close(connector)
    const again = this.#own.get(connector)
    if (again !== undefined) return this.#opened(owner, topic)
    const { open, worker, log } = this.#parts
    const store = open({ owner, topic, worker, log })
    const own: OwnStore = { settings, store: store.start().then(() => store), users: 0, idle: undefined }
    this.#own.set(connector, own)
    // One that cannot be opened is tried again by whoever asks next.
    own.store.catch(() => {
      if (this.#own.get(connector) === own) this.#own.delete(connector)
    })
    return own
  }
  async #closeIdle(connector: string, own: OwnStore): Promise<void> {
    if (own.users === 0 && this.#own.get(connector) === own) await this.#close(connector)
  }
  async #close(connector: string): Promise<void> {
    const own = this.#own.get(connector)
    if (own === undefined) return
    this.#own.delete(connector)
    clearTimeout(own.idle)
    try {
      await (await own.store).stop()
    } catch (error) {
      this.#parts.log.warn(`The offset topic of connector ${connector} could not be closed as it should`, { error })
    }
  }
}

function clientSettings(props: ConnectorProps): [string, string][] {
  return Object.entries(props)
    .filter(([key]) => /^(producer|consumer|admin)\.override\./.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
