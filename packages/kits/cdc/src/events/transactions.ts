// provide.transaction.metadata: counts of a transaction's events, and the BEGIN and END records of the transaction topic.
import { type OffsetMap, type Schema, SourceRecord, type Value } from '@millrace/api'
import type { TableId } from '../model/table-id.ts'
import type { NameAdjuster } from '../names/adjust.ts'
import { transactionSchemas } from '../schema/common.ts'
import type { Instant } from './instant.ts'

const ID_KEY = 'transaction_id'
const COUNT_PREFIX = 'transaction_data_collection_order_'

/** Where {@link TransactionMonitor} sends its records. */
export type Emit = (record: SourceRecord) => void

/** Counts the events of the transaction in progress. Its counts stand in the offsets, so that a restart in mid-transaction counts on. */
export class TransactionMonitor {
  readonly #topic: string
  readonly #partition: OffsetMap
  readonly #emit: Emit
  readonly #schemas: { readonly key: Schema; readonly value: Schema }
  #id: string | null = null
  #total = 0
  #counts = new Map<string, number>()

  constructor(topic: string, partition: OffsetMap, adjust: NameAdjuster, emit: Emit) {
    this.#topic = topic
    this.#partition = partition
    this.#emit = emit
    this.#schemas = transactionSchemas(adjust)
  }

  /** Goes on with the counts of a committed offset. */
  load(offset: OffsetMap): void {
    this.#reset()
    const id = offset[ID_KEY]
    this.#id = typeof id === 'string' ? id : null
    for (const [key, count] of Object.entries(offset)) {
      if (!key.startsWith(COUNT_PREFIX)) continue
      this.#counts.set(key.slice(COUNT_PREFIX.length), Number(count))
      this.#total += Number(count)
    }
  }

  /** The offset with the counts. */
  store(offset: OffsetMap): OffsetMap {
    if (this.#id === null) return offset
    const out: Record<string, OffsetMap[string]> = { ...offset, [ID_KEY]: this.#id }
    for (const [table, count] of this.#counts) out[COUNT_PREFIX + table] = count
    return out
  }

  /**
   * A transaction starts. One that is in progress already, from the offsets, is a replay: nothing happens.
   * @param name what records call the transaction, where that is not its id
   */
  begin(id: string, at: Instant, offset: OffsetMap, name = id): void {
    if (this.#id === id) return
    this.#reset()
    this.#id = id
    this.#send(offset, { status: 'BEGIN', id: name, event_count: null, data_collections: null, ts_ms: at.ms })
  }

  /** The transaction in progress is committed. Without one, nothing happens. */
  commit(at: Instant, offset: OffsetMap, name?: string): void {
    if (this.#id !== null) {
      const collections = [...this.#counts].map(([table, count]) => ({ data_collection: table, event_count: count }))
      this.#send(offset, {
        status: 'END',
        id: name ?? this.#id,
        event_count: this.#total,
        data_collections: collections,
        ts_ms: at.ms,
      })
    }
    this.#reset()
  }

  /** Counts an event of transaction `id` and gives its `transaction` block. Begins the transaction, and ends another one, where the log did not say so. */
  event(id: string | null, table: Pick<TableId, 'text'>, at: Instant, offset: OffsetMap, name?: string): Value {
    if (id === null) {
      this.commit(at, offset)
      return null
    }
    if (id !== this.#id) {
      this.commit(at, offset)
      this.begin(id, at, offset, name)
    }
    const count = (this.#counts.get(table.text) ?? 0) + 1
    this.#counts.set(table.text, count)
    this.#total++
    return { id: name ?? id, total_order: this.#total, data_collection_order: count }
  }

  #send(offset: OffsetMap, value: Record<string, Value>): void {
    this.#emit(
      new SourceRecord({
        sourcePartition: this.#partition,
        sourceOffset: this.store(offset),
        topic: this.#topic,
        keySchema: this.#schemas.key,
        key: { id: value.id },
        valueSchema: this.#schemas.value,
        value,
      }),
    )
  }

  #reset(): void {
    this.#id = null
    this.#total = 0
    this.#counts = new Map()
  }
}
