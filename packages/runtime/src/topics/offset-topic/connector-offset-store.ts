// Offsets of a connector that has an offset topic of its own, with the worker's topic behind it (KIP-618).
import { errorMessage, type Logger, type OffsetMap, type PartitionOffset } from '@millrace/api'
import { partitionKey } from '../../control/offset-json.ts'
import type { OffsetStore, StoredOffset } from '../../control/offset-store.ts'

/**
 * Reads the connector's own topic and, for partitions that are not in it, the worker's: a connector that got a topic of
 * its own goes on where it was. Writes go to both, so that it can also go back.
 */
export class ConnectorOffsetStore implements OffsetStore {
  readonly #own: OffsetStore
  readonly #worker: OffsetStore
  readonly #log: Logger

  /** @param worker the worker's store, started and stopped by its owner */
  constructor(own: OffsetStore, worker: OffsetStore, log: Logger) {
    this.#own = own
    this.#worker = worker
    this.#log = log
  }

  start(): Promise<void> {
    return this.#own.start()
  }
  stop(): Promise<void> {
    return this.#own.stop()
  }

  async read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    const [own, worker] = await Promise.all([
      this.#own.read(connector, partitions),
      this.#worker.read(connector, partitions),
    ])
    return own.map((offset, index) => offset ?? worker[index] ?? null)
  }

  async list(connector: string): Promise<StoredOffset[]> {
    const [own, worker] = await Promise.all([this.#own.list(connector), this.#worker.list(connector)])
    const found = new Map([...worker, ...own].map((one) => [partitionKey(connector, one.partition), one]))
    return [...found.values()]
  }

  async write(connector: string, offsets: readonly PartitionOffset[]): Promise<void> {
    const removed = offsets.filter((one) => one.offset === null)
    const kept = offsets.filter((one) => one.offset !== null)
    // The other way round a crash in between would bring the removed ones back from the worker's topic.
    if (removed.length > 0) await this.#worker.write(connector, removed)
    await this.#own.write(connector, offsets)
    if (kept.length === 0) return
    this.#worker.write(connector, kept).catch((error: unknown) => {
      this.#log.warn(
        `Offsets of connector '${connector}' are in its own topic but not in the worker's: ${errorMessage(error)}`,
      )
    })
  }
}
