// Signals: what a user asks of a running connector by a row of the signal table or a line of a file, and the incremental
// snapshots that most of them are about.
import { ConnectException, errorMessage, type Logger, type OffsetMap, type Value } from '@millrace/api'
import {
  type ChunkRequest,
  type EmitterListener,
  type EventPosition,
  IncrementalSnapshot,
  matcherOf,
  type Operation,
  type Row,
  remainingTables,
  type Signal,
  SignalProcessor,
  type SnapshotRequest,
  signalOfRow,
  snapshotRequest,
  type TableShape,
  takeFileSignals,
} from '@millrace/kit-cdc'
import type { Changes } from './changes.ts'
import { Chunks } from './chunks.ts'
import type { PostgresConfig } from './config.ts'
import { isTransient } from './connection.ts'
import type { Events } from './events.ts'
import type { Notifications } from './notifications.ts'
import { emptyOrigin, sequence, setTime } from './source-info.ts'
import type { TableEvents } from './table-events.ts'

/** A table that a blocking snapshot reads. */
export interface BlockingTable {
  readonly id: string
  readonly filter: string | null
}

/** What signals work with. */
export interface SignalParts {
  readonly config: PostgresConfig
  readonly log: Logger
  readonly events: Events
  readonly changes: Changes
  readonly notifications: Notifications
  /** Captured tables whose name fits, as they are now. */
  readonly describe: (fits: (name: string) => boolean) => Promise<readonly TableEvents[]>
  /** Asks for a blocking snapshot, which the stream waits for. */
  readonly block: (tables: readonly BlockingTable[]) => void
}

/** Signals of one task, from the begin of its stream. */
export class Signals {
  readonly #parts: SignalParts
  readonly #processor: SignalProcessor
  readonly #chunks: Chunks | null
  readonly #incremental: IncrementalSnapshot | null
  readonly #channels: readonly string[]
  readonly #at: EventPosition = { source: null, offset: {}, bytes: 0, transactionId: null }
  #failure: Error | null = null
  #retries = false
  #lookedAt = 0
  #signalId: string | undefined

  constructor(parts: SignalParts) {
    this.#parts = parts
    const { config, log } = parts
    this.#channels = config['signal.enabled.channels'] ?? []
    const [table] = config['signal.data.collection'] ?? []
    this.#chunks = table === undefined || config['read.only'] ? null : new Chunks(config, table)
    this.#incremental =
      this.#chunks === null
        ? null
        : new IncrementalSnapshot(this.#chunks, {
            chunkSize: config['incremental.snapshot.chunk.size'],
            strategy: config['incremental.snapshot.watermarking.strategy'].toLowerCase() as 'insert_insert',
            emit: (events, row) => this.#emit(events as TableEvents, row),
            notify: (status, data) =>
              parts.notifications.send('Incremental Snapshot', status, data, parts.changes.lastOffset, this.#signalId),
            fail: (error) => this.#failed(error),
            log,
          })
    this.#processor = new SignalProcessor(log)
      .on('execute-snapshot', (signal) => this.#execute(signal))
      .on('stop-snapshot', (signal) => this.#stop(signal))
      .on('pause-snapshot', () => this.#needed().pause())
      .on('resume-snapshot', () => this.#needed().resume())
      .on('snapshot-window-open', () => {})
      .on('snapshot-window-close', () => {})
  }

  /** What the emitter tells of changes. */
  readonly listener: Pick<EmitterListener, 'onEvent'> = {
    onEvent: (table: TableShape, op: Operation, key: Value) => {
      if (op !== 'r') this.#incremental?.onChange(table as TableEvents, key)
    },
  }

  /** The offset with the tables that are not done. */
  store(offset: OffsetMap): OffsetMap {
    return this.#incremental?.store(offset) ?? offset
  }

  /** Goes on with the tables that were not done when the offset was stored. */
  async resume(offset: OffsetMap): Promise<void> {
    const remaining = remainingTables(offset)
    if (remaining.length === 0) return
    if (this.#incremental === null) {
      this.#parts.log.warn(
        'An incremental snapshot was under way, and is not gone on with: there is no table of signals',
      )
      return
    }
    for (const { id, filter, surrogateKey } of remaining) {
      const tables = await this.#parts.describe((name) => name === id)
      if (tables.length === 0)
        this.#parts.log.warn(`The incremental snapshot of ${id} ends: it is not captured any more`)
      this.#incremental.add(tables.flatMap((table) => this.#requestOf(table, filter, surrogateKey) ?? []))
    }
  }

  /** A row was written to the signal table, or deleted from it. Called in the log's order, after the row's own event. */
  onSignalRow(table: TableEvents, row: Value, deleted: boolean): void {
    const fields = table.valueSchema.fields
    if (deleted) {
      const id = (row as Readonly<Record<string, Value>>)[fields[0]?.name ?? '']
      if (typeof id === 'string') this.#incremental?.onMark(id, 'snapshot-window-open', true)
      return
    }
    const signal = signalOfRow(table.valueSchema, row)
    if (signal === null) {
      this.#parts.log.warn(`A row of ${table.id.text} is no signal: it has to have three columns, of text`)
      return
    }
    this.#incremental?.onMark(signal.id, signal.type)
    if (this.#channels.includes('source')) void this.#processor.process(signal)
  }

  /** Looks for signals in the file, goes on after errors that pass. @throws what failed for good */
  async poll(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    if (this.#retries) {
      this.#retries = false
      this.#incremental?.retry()
    }
    const { config, log } = this.#parts
    if (!this.#channels.includes('file') || performance.now() - this.#lookedAt < config['signal.poll.interval.ms'])
      return
    this.#lookedAt = performance.now()
    for (const signal of await takeFileSignals(config['signal.file'], log)) await this.#processor.process(signal)
  }

  async close(): Promise<void> {
    await this.#chunks?.close()
  }

  async #execute(signal: Signal): Promise<void> {
    const request = this.#read(signal)
    if (request === null) return
    const incremental = request.kind === 'incremental' ? this.#needed() : null
    const fits = matcherOf(request.collections.join(','), 'data-collections')
    const tables = await this.#parts.describe(fits)
    if (tables.length === 0) {
      this.#parts.log.warn(`Signal ${signal.id}: no captured table fits ${request.collections.join(', ')}`)
      return
    }
    const filterOf = (id: string) =>
      request.conditions.find(({ collection }) => matcherOf(collection, 'additional-conditions')(id))?.filter ?? null
    if (incremental === null) {
      this.#parts.block(tables.map(({ id }) => ({ id: id.text, filter: filterOf(id.text) })))
      return
    }
    this.#signalId = signal.id
    incremental.add(
      tables.flatMap((table) => this.#requestOf(table, filterOf(table.id.text), request.surrogateKey) ?? []),
    )
  }

  #stop(signal: Signal): void {
    const request = this.#read(signal)
    if (request === null) return
    const fits = matcherOf(request.collections.join(','), 'data-collections')
    this.#needed().stop(({ id }) => request.collections.length === 0 || fits(id.text))
  }

  #read(signal: Signal): SnapshotRequest | null {
    const request = snapshotRequest(signal)
    if (typeof request !== 'string') return request
    this.#parts.log.warn(`Signal ${signal.id} of type ${signal.type} is left out: ${request}`)
    return null
  }

  #needed(): IncrementalSnapshot {
    if (this.#incremental !== null) return this.#incremental
    throw new ConnectException('An incremental snapshot needs marks in the log, and may not write any', {
      action: "Set 'signal.data.collection' to a captured table of signals, and 'read.only' to false.",
    })
  }

  /** Null, with a warning, for a table whose rows have no order that holds each once. */
  #requestOf(table: TableEvents, filter: string | null, surrogateKey: string | null): ChunkRequest | null {
    const { columns, primaryKey } = table.table
    const names = surrogateKey === null ? primaryKey : [surrogateKey]
    const order = names.map((name) => columns.findIndex((one) => one.name === name))
    const why =
      table.keySchema === null
        ? 'its events have no key'
        : primaryKey.some((name) => !table.keyColumns.includes(name))
          ? 'its message key leaves out columns of the primary key: which rows changed meanwhile cannot be told'
          : order.length === 0
            ? 'it has no primary key, and the signal no surrogate-key'
            : order.includes(-1)
              ? `it has no column ${surrogateKey}`
              : order.some((at) => columns[at]?.optional)
                ? 'a column of its order may be null: rows would be passed over'
                : null
    if (why === null) return { table, order, filter, surrogateKey }
    this.#parts.log.warn(`No incremental snapshot of ${table.id.text}: ${why}`)
    return null
  }

  #emit(table: TableEvents, row: Row): void {
    const { events, changes } = this.#parts
    const { lsn, lsnCommit } = changes.last
    const origin = emptyOrigin('incremental')
    setTime(origin, events.emitter.clock.now.us)
    const at = this.#at
    at.source = events.source(
      Object.assign(origin, { lsn, sequence: sequence(lsnCommit, lsn) }),
      table.id.schema as string,
      table.id.table,
    ) as never
    at.offset = changes.lastOffset
    events.emitter.emitRead(table, table.key(row), table.value(row), at)
  }

  #failed(error: unknown): void {
    if (isTransient(error)) {
      this.#parts.log.warn('A chunk of an incremental snapshot is read again', { error })
      void this.#chunks?.close()
      this.#retries = true
      return
    }
    this.#failure = new ConnectException(`The incremental snapshot failed: ${errorMessage(error)}`, {
      cause: error,
      action: 'See that the user may read the table and write to the table of signals; stop-snapshot ends it.',
    })
  }
}
