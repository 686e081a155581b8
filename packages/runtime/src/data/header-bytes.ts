// Headers of source records on their way into a batch. Those of one connector are often the same objects in every record:
// what was written for the last record is copied then.
import type { Header, HeaderConverter, SourceRecord } from '@millrace/api'
import { type BatchBuilder, encodeHeaders } from '@millrace/kafka/records'

/** Writes headers; one for each task. */
export class HeaderWriter {
  readonly #converter: HeaderConverter
  #topic = ''
  #last: readonly Header[] = []
  /** The last headers as they stand in a batch, made when they come again. */
  #encoded: Buffer | null = null

  constructor(converter: HeaderConverter) {
    this.#converter = converter
  }

  /** @throws what the converter throws */
  write(record: SourceRecord, builder: BatchBuilder): void {
    if (this.#comesAgain(record)) {
      this.#encoded ??= this.#encode(record)
      builder.encodedHeaders(this.#encoded, this.#last.length)
      return
    }
    for (const header of record.headers) builder.header(header.key, this.bytes(record, header))
    const list = [...record.headers]
    this.#topic = record.topic
    this.#encoded = null
    this.#last = list.every(isConstant) ? list : []
  }

  /** The bytes of one header. */
  bytes({ topic }: SourceRecord, { key, schema, value }: Header): Uint8Array | null {
    return this.#converter.fromConnectHeader(topic, key, schema, value)
  }

  #comesAgain({ topic, headers }: SourceRecord): boolean {
    const last = this.#last
    if (last.length === 0 || topic !== this.#topic || headers.size !== last.length) return false
    let at = 0
    for (const header of headers) if (header !== last[at++]) return false
    return true
  }

  #encode(record: SourceRecord): Buffer {
    return encodeHeaders(this.#last.map((header) => ({ key: header.key, value: this.bytes(record, header) })))
  }
}

/** A header is immutable, but what its value refers to may not be. */
function isConstant({ value }: Header): boolean {
  return typeof value !== 'object' || value === null
}
