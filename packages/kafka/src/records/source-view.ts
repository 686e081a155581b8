// The two windows a converter reads through: the key and the value of a reader's current record.
import type { ByteSource } from '@millrace/api'
import type { RecordRun } from './record-run.ts'

/** What the windows look at: a RecordReader. */
interface Reader {
  readonly buffer: Buffer
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
  readonly run: RecordRun
}

/** Up to here bytes are copied when kept: a view would keep a whole fetch answer alive. */
const COPY_BELOW = 64 * 1024

function kept(buffer: Buffer, start: number, end: number): Buffer {
  const view = buffer.subarray(start, end)
  return view.length < COPY_BELOW ? Buffer.from(view) : view
}

export class KeySource implements ByteSource {
  readonly #reader: Reader

  constructor(reader: Reader) {
    this.#reader = reader
  }

  get buffer(): Buffer {
    return this.#reader.buffer
  }

  get start(): number {
    return this.#reader.keyStart
  }

  get end(): number {
    return this.#reader.keyEnd
  }

  text(): string {
    const reader = this.#reader
    return reader.run.text(reader.buffer, reader.keyStart, reader.keyEnd)
  }

  bytes(): Buffer {
    return kept(this.#reader.buffer, this.#reader.keyStart, this.#reader.keyEnd)
  }
}

export class ValueSource implements ByteSource {
  readonly #reader: Reader

  constructor(reader: Reader) {
    this.#reader = reader
  }

  get buffer(): Buffer {
    return this.#reader.buffer
  }

  get start(): number {
    return this.#reader.valueStart
  }

  get end(): number {
    return this.#reader.valueEnd
  }

  text(): string {
    const reader = this.#reader
    return reader.run.text(reader.buffer, reader.valueStart, reader.valueEnd)
  }

  bytes(): Buffer {
    return kept(this.#reader.buffer, this.#reader.valueStart, this.#reader.valueEnd)
  }
}
