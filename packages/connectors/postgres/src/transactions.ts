// Metadata of transactions: begin and end on a topic of their own, and the block in each event.
import { type OffsetMap, SchemaBuilder, Schemas, SourceRecord } from '@millrace/api'
import type { EventMaker, TransactionBlock } from './events.ts'

const KEY = SchemaBuilder.struct()
  .name('io.debezium.connector.common.TransactionMetadataKey')
  .version(1)
  .field('id', Schemas.STRING)
  .build()
const COLLECTION = SchemaBuilder.struct()
  .name('event.collection')
  .version(1)
  .field('data_collection', Schemas.STRING)
  .optional()
  .field('event_count', Schemas.INT64)
  .build()
const VALUE = SchemaBuilder.struct()
  .name('io.debezium.connector.common.TransactionMetadataValue')
  .version(1)
  .field('status', Schemas.STRING)
  .field('id', Schemas.STRING)
  .field('event_count', Schemas.OPTIONAL_INT64)
  .field('data_collections', SchemaBuilder.array(COLLECTION).optional().build())
  .field('ts_ms', Schemas.INT64)
  .build()

/** Where records go, and the offset they carry. */
export interface TransactionSink {
  readonly lastOffset: OffsetMap
  add(record: SourceRecord): void
}

/** Counts the events of the transaction under way. */
export class Transactions {
  readonly #topic: string
  #xid: number | null = null
  #total = 0
  #byCollection = new Map<string, number>()

  constructor(topic: string) {
    this.#topic = topic
  }

  /** @param lsn of the message, which is part of the transaction's name in each record */
  begin(xid: number, lsn: number, maker: EventMaker, timeUs: number, to: TransactionSink): void {
    this.#xid = xid
    const id = `${xid}:${lsn}`
    this.#total = 0
    this.#byCollection = new Map()
    to.add(
      this.#record(maker, to.lastOffset, {
        status: 'BEGIN',
        id,
        event_count: null,
        data_collections: null,
        ts_ms: Math.floor(timeUs / 1000),
      }),
    )
  }

  /** The block of the next event. */
  event(collection: string, lsn: number): TransactionBlock | null {
    if (this.#xid === null) return null
    const order = (this.#byCollection.get(collection) ?? 0) + 1
    this.#byCollection.set(collection, order)
    return { id: `${this.#xid}:${lsn}`, total_order: ++this.#total, data_collection_order: order }
  }

  end(lsn: number, maker: EventMaker, timeUs: number, to: TransactionSink): void {
    if (this.#xid === null) return
    const collections = [...this.#byCollection].map(([data_collection, event_count]) => ({
      data_collection,
      event_count,
    }))
    const value = {
      status: 'END',
      id: `${this.#xid}:${lsn}`,
      event_count: this.#total,
      data_collections: collections,
      ts_ms: Math.floor(timeUs / 1000),
    }
    to.add(this.#record(maker, to.lastOffset, value))
    this.#xid = null
  }

  #record(
    maker: EventMaker,
    offset: OffsetMap,
    value: { readonly id: string; readonly [name: string]: unknown },
  ): SourceRecord {
    return new SourceRecord({
      sourcePartition: maker.partition,
      sourceOffset: offset,
      topic: this.#topic,
      keySchema: KEY,
      key: { id: value.id },
      valueSchema: VALUE,
      value,
    })
  }
}
