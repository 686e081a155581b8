// Offsets of connectors as users read and change them (KIP-875).
import {
  ConnectException,
  type ConnectorProps,
  errorMessage,
  type OffsetMap,
  type PartitionOffset,
  type TopicPartitionOffset,
} from '@millrace/api'
import { adminProps, sinkGroupId } from '../config/client-configs.ts'
import type { AlterOutcome } from '../plane/messages.ts'
import type { ConnectorOffsets, OffsetEntry, StoredConfig } from './entities.ts'
import type { OffsetStore } from './offset-store.ts'
import type { CreateSinkOffsetAdmin, SinkOffsetAdmin } from './sink-offset-admin.ts'
import { parseSinkOffsets, sinkOffsetEntry } from './sink-offset-values.ts'
import type { Worker } from './worker.ts'

/** Errors of Kafka that mean: the group still has members. */
const STILL_IN_USE = new Set(['UnknownMemberIdException', 'GroupSubscribedToTopicException', 'GroupNotEmptyException'])

/** Stores offsets of a source connector whose configuration, references resolved, is `props`. */
export type WriteSourceOffsets = (
  name: string,
  props: ConnectorProps,
  offsets: readonly PartitionOffset[],
) => Promise<void>

/** Reads and changes offsets. The caller has seen to it that the connector exists, and for changes that it is stopped. */
export class ConnectorOffsetService {
  readonly #worker: Worker
  readonly #store: OffsetStore
  readonly #workerProps: ConnectorProps
  readonly #createAdmin: CreateSinkOffsetAdmin
  readonly #writeSource: WriteSourceOffsets

  constructor(parts: {
    readonly worker: Worker
    readonly store: OffsetStore
    readonly workerProps: ConnectorProps
    readonly createAdmin: CreateSinkOffsetAdmin
    /** How changed offsets of a source are stored; left out: as its tasks' are, at least once. */
    readonly writeSource?: WriteSourceOffsets | undefined
  }) {
    this.#worker = parts.worker
    this.#store = parts.store
    this.#workerProps = parts.workerProps
    this.#createAdmin = parts.createAdmin
    this.#writeSource = parts.writeSource ?? ((name, _props, offsets) => parts.store.write(name, offsets))
  }

  /** Committed offsets of a source connector. */
  async source(name: string): Promise<ConnectorOffsets> {
    const stored = await this.#store.list(name)
    return { offsets: stored.map(({ partition, offset }) => ({ partition, offset })) }
  }

  /** Committed offsets of a sink's consumer group. */
  async sink(name: string, config: StoredConfig): Promise<ConnectorOffsets> {
    return this.#withAdmin(name, config, async (admin, group) => {
      const committed = await admin.committed(group)
      return { offsets: committed.map((one) => sinkOffsetEntry(one.topic, one.partition, one.offset)) }
    })
  }

  /** Changes offsets of a source; null `entries` resets all. @returns the text for the user */
  async changeSource(name: string, config: StoredConfig, entries: readonly OffsetEntry[] | null): Promise<string> {
    const offsets = entries === null ? await this.#resetOf(name) : entries.map(sourceEntry)
    const { props } = await this.#worker.resolve(config)
    const outcome = await this.#ask(name, 'source', () => this.#worker.alterSourceOffsets({ props, offsets }))
    try {
      await this.#writeSource(name, props, offsets)
    } catch (cause) {
      throw new ConnectException(`Failed to modify offsets for source connector ${name}: ${errorMessage(cause)}`, {
        cause,
      })
    }
    return message(outcome, entries === null)
  }

  /** Changes offsets of a sink; null `entries` resets all. @returns the text for the user */
  async changeSink(name: string, config: StoredConfig, entries: readonly OffsetEntry[] | null): Promise<string> {
    const wanted = entries === null ? null : parseSinkOffsets(entries)
    return this.#withAdmin(name, config, async (admin, group) => {
      const { props } = await this.#worker.resolve(config)
      const offsets: readonly TopicPartitionOffset[] =
        wanted ??
        (await admin.committed(group)).map((one) => ({ topic: one.topic, partition: one.partition, offset: null }))
      const outcome = await this.#ask(name, 'sink', () => this.#worker.alterSinkOffsets({ props, offsets }))
      try {
        if (wanted === null) await admin.deleteGroup(group)
        else await admin.alter(group, wanted)
      } catch (error) {
        throw groupError(name, error, wanted === null)
      }
      return message(outcome, wanted === null)
    })
  }

  async #resetOf(name: string): Promise<PartitionOffset[]> {
    return (await this.#store.list(name)).map(({ partition }) => ({ partition, offset: null }))
  }

  /** Asks the connector whether it agrees. */
  async #ask(name: string, type: 'source' | 'sink', call: () => Promise<AlterOutcome>): Promise<AlterOutcome> {
    let outcome: AlterOutcome
    try {
      outcome = await call()
    } catch (error) {
      if (error instanceof ConnectException) throw error
      throw new ConnectException(`Failed to modify offsets for ${type} connector ${name}`, { cause: error })
    }
    if (outcome !== 'unsupported') return outcome
    throw new ConnectException(
      `Failed to modify offsets for connector ${name} because it doesn't support external modification of offsets`,
    )
  }

  async #withAdmin<T>(
    name: string,
    config: StoredConfig,
    work: (admin: SinkOffsetAdmin, group: string) => Promise<T>,
  ): Promise<T> {
    const { props } = await this.#worker.resolve(config)
    const owner = {
      workerProps: this.#workerProps,
      connectorProps: props,
      connector: name,
    }
    const admin = await this.#createAdmin(adminProps(owner, 'offsets'))
    try {
      return await work(admin, sinkGroupId(owner))
    } finally {
      await admin.close()
    }
  }
}

/** What a user gave, if the store can hold it. */
function sourceEntry({ partition, offset }: OffsetEntry): PartitionOffset {
  if (partition === null) throw new ConnectException('Partition objects cannot be null')
  requirePrimitives(partition)
  if (offset !== null) requirePrimitives(offset)
  return { partition, offset }
}

function requirePrimitives(map: OffsetMap): void {
  for (const [field, value] of Object.entries(map)) {
    if (typeof value !== 'object' || value === null) continue
    const type = Array.isArray(value) ? 'ARRAY' : 'MAP'
    throw new ConnectException(
      `Offsets may only contain primitive types as values, but field ${field} contains ${type}`,
    )
  }
}

function message(outcome: AlterOutcome, reset: boolean): string {
  const done = reset ? 'reset' : 'altered'
  if (outcome === 'complete') return `The offsets for this connector have been ${done} successfully`
  return (
    `The Connect framework-managed offsets for this connector have been ${done} successfully. ` +
    `However, if this connector manages offsets externally, they will need to be manually ${done} in the system that the connector uses.`
  )
}

function groupError(name: string, error: unknown, reset: boolean): ConnectException {
  const className = error instanceof Error ? error.name : ''
  if (!STILL_IN_USE.has(className)) {
    return new ConnectException(
      `Failed to ${reset ? 'reset' : 'alter'} consumer group offsets for connector ${name}: ${errorMessage(error)}`,
      { cause: error },
    )
  }
  return new ConnectException(
    `Failed to ${reset ? 'reset' : 'alter'} consumer group offsets for connector ${name} either because its tasks haven't ` +
      `stopped completely yet or the connector was resumed before the request to ${reset ? 'reset' : 'alter'} its offsets ` +
      'could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it ' +
      "doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.",
    { cause: error },
  )
}
