// Builds one record batch in one growing buffer: converters write keys and values straight into the open record.
// Lengths come before what they measure, so their width is guessed from the record before and the bytes are moved when
// the guess was wrong: the varints on the wire are always the shortest, as the Java client's are.
import './buffer-methods.ts'
import type { ByteSink } from '@millrace/api'
import { type CompressionOptions, CompressionType, compress } from './compression.ts'
import { BATCH_HEADER_SIZE, writeInt64 } from './layout.ts'
import { type SealOptions, stampHeader } from './stamp.ts'
import { varintSize, writeVarint, writeVarlong } from './varint.ts'

/** Most bytes the framing of a record takes beside key, value and headers: six varints of 5, a varlong of 10, one byte. */
const FRAMING = 48
/** UTF-16 units become at most three bytes each. */
const WORST_UTF8 = 3
const LARGEST = 0x7fffffff

const IDLE = 0
const BEFORE_KEY = 1
const IN_KEY = 2
const BEFORE_VALUE = 3
const IN_VALUE = 4
const AFTER_VALUE = 5
const SEALED = 6
const PHASES = ['idle', 'before the key', 'in the key', 'before the value', 'in the value', 'after the value', 'sealed']

/** Up to so many bytes are copied one by one. */
const SHORT_COPY = 96

/**
 * One batch being written. For each record: {@link begin}; then the key by {@link key}, or {@link openKey}, writes and
 * {@link closeKey}; the value likewise; any {@link header}s; {@link end}. {@link rollback} forgets the open record.
 * {@link appendUtf8} does all of it for text. {@link close} gives the finished bytes, which stay in the builder's own
 * buffer until {@link reset}. Calls out of order throw a TypeError.
 */
export class BatchBuilder implements ByteSink {
  #buffer: Buffer
  #at = BATCH_HEADER_SIZE
  #phase = IDLE
  #count = 0
  #baseTimestamp = -1
  #maxTimestamp = -1
  // The open record.
  #recordStart = 0
  #timestamp = 0
  #fieldStart = 0
  #headersAt = 0
  #headerCount = 0
  // Widths of the last record's length, key length and value length: the guesses for the next.
  #lengthWidth = 2
  #keyWidth = 1
  #valueWidth = 2
  // The last whole record, so that it can be moved to the next batch.
  #lastStart = 0
  #lastBody = 0
  #lastTimestamp = 0
  #maxBeforeLast = -1
  #compression: CompressionType = CompressionType.none

  /** @param capacity first size of the buffer in bytes; it doubles when a record needs it. */
  constructor(capacity = 16_384 + 512) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(capacity, BATCH_HEADER_SIZE + FRAMING))
  }

  /** Whole records in the batch. */
  get count(): number {
    return this.#count
  }

  /** Bytes of the batch, header included: before sealing without compression, after it as on the wire. */
  get size(): number {
    return this.#at
  }

  /** Bytes of the buffer behind the batch. */
  get capacity(): number {
    return this.#buffer.length
  }

  /** Timestamp of the first record in ms, -1 when there is none. */
  get baseTimestamp(): number {
    return this.#baseTimestamp
  }

  /** Greatest timestamp in ms, -1 when there is none. */
  get maxTimestamp(): number {
    return this.#maxTimestamp
  }

  get sealed(): boolean {
    return this.#phase === SEALED
  }

  /** True between {@link begin} and {@link end}. */
  get recordOpen(): boolean {
    return this.#phase !== IDLE && this.#phase !== SEALED
  }

  /** Makes the builder empty again; the buffer is kept. */
  reset(): void {
    this.#at = BATCH_HEADER_SIZE
    this.#phase = IDLE
    this.#count = 0
    this.#baseTimestamp = -1
    this.#maxTimestamp = -1
    this.#lastStart = 0
    this.#compression = CompressionType.none
  }

  /** Opens a record. @param timestamp ms since the epoch, a safe integer. */
  begin(timestamp: number): void {
    if (this.#phase !== IDLE) this.#misuse('begin', IDLE)
    this.#reserve(FRAMING)
    const buffer = this.#buffer
    let at = this.#at
    this.#recordStart = at
    this.#timestamp = timestamp
    at += this.#lengthWidth
    buffer[at++] = 0
    if (this.#count === 0) {
      this.#baseTimestamp = timestamp
      buffer[at++] = 0
    } else if (timestamp === this.#baseTimestamp) {
      buffer[at++] = 0
    } else {
      at = writeVarlong(buffer, at, timestamp - this.#baseTimestamp)
    }
    at = writeVarint(buffer, at, this.#count)
    this.#fieldStart = at
    this.#at = at
    this.#phase = BEFORE_KEY
  }

  /** Writes the whole key: the first `length` bytes. Null is the null key. */
  key(bytes: Uint8Array | null, length: number = bytes?.length ?? 0): void {
    if (this.#phase !== BEFORE_KEY) this.#misuse('key', BEFORE_KEY)
    if (bytes === null) this.#field(null)
    else {
      this.#reserve(FRAMING)
      this.#at = writeVarint(this.#buffer, this.#at, length)
      this.bytes(bytes, 0, length)
      this.#reserve(FRAMING)
    }
    this.#phase = BEFORE_VALUE
  }

  /** Writes the null key. */
  nullKey(): void {
    if (this.#phase !== BEFORE_KEY) this.#misuse('nullKey', BEFORE_KEY)
    this.#buffer[this.#at++] = 1
    this.#phase = BEFORE_VALUE
  }

  /** Opens the key for the writes of {@link ByteSink}. */
  openKey(): void {
    if (this.#phase !== BEFORE_KEY) this.#misuse('openKey', BEFORE_KEY)
    this.#fieldStart = this.#at
    this.#at += this.#keyWidth
    this.#phase = IN_KEY
  }

  /** Closes the key and returns its length in bytes. With `asNull` the key becomes null, whatever was written. */
  closeKey(asNull = false): number {
    if (this.#phase !== IN_KEY) this.#misuse('closeKey', IN_KEY)
    this.#reserve(FRAMING)
    this.#phase = BEFORE_VALUE
    if (asNull) return this.#undoField()
    const length = this.#at - this.#fieldStart - this.#keyWidth
    this.#keyWidth = this.#closeField(this.#keyWidth, length)
    return length
  }

  /** The bytes of the key just closed, where they lie: valid until the next write. */
  keyView(length: number): Buffer {
    if (this.#phase !== BEFORE_VALUE) this.#misuse('keyView', BEFORE_VALUE)
    return this.#buffer.subarray(this.#at - length, this.#at)
  }

  /** Writes the whole value; null is the null value, a tombstone. */
  value(bytes: Uint8Array | null): void {
    if (this.#phase !== BEFORE_VALUE) this.#misuse('value', BEFORE_VALUE)
    this.#field(bytes)
    this.#afterValue()
  }

  /** Writes the null value. */
  nullValue(): void {
    if (this.#phase !== BEFORE_VALUE) this.#misuse('nullValue', BEFORE_VALUE)
    this.#buffer[this.#at++] = 1
    this.#afterValue()
  }

  /** Opens the value for the writes of {@link ByteSink}. */
  openValue(): void {
    if (this.#phase !== BEFORE_VALUE) this.#misuse('openValue', BEFORE_VALUE)
    this.#reserve(FRAMING)
    this.#fieldStart = this.#at
    this.#at += this.#valueWidth
    this.#phase = IN_VALUE
  }

  /** Closes the value and returns its length in bytes. With `asNull` the value becomes null, whatever was written. */
  closeValue(asNull = false): number {
    if (this.#phase !== IN_VALUE) this.#misuse('closeValue', IN_VALUE)
    this.#reserve(FRAMING)
    let length = -1
    if (asNull) this.#undoField()
    else {
      length = this.#at - this.#fieldStart - this.#valueWidth
      this.#valueWidth = this.#closeField(this.#valueWidth, length)
    }
    this.#afterValue()
    return length
  }

  /** Adds a header to the open record. Names may repeat; the order is kept. */
  header(name: string, value: Uint8Array | null): void {
    if (this.#phase !== AFTER_VALUE) this.#misuse('header', AFTER_VALUE)
    const size = Buffer.byteLength(name)
    this.#reserve(FRAMING + size)
    this.#at = writeVarint(this.#buffer, this.#at, size)
    this.utf8(name)
    this.#field(value)
    this.#headerCount++
  }

  /** Adds `count` headers to the open record, as {@link encodeHeaders} made them. */
  encodedHeaders(encoded: Buffer, count: number): void {
    if (this.#phase !== AFTER_VALUE) this.#misuse('encodedHeaders', AFTER_VALUE)
    this.bytes(encoded)
    this.#headerCount += count
  }

  /** Closes the record and returns the bytes it added to the batch. */
  end(): number {
    if (this.#phase !== AFTER_VALUE) this.#misuse('end', AFTER_VALUE)
    this.#reserve(FRAMING)
    if (this.#headerCount > 0) this.#patchHeaderCount()
    return this.#finish()
  }

  /** Forgets the open record: the batch is as it was before {@link begin}. Without an open record it does nothing. */
  rollback(): void {
    if (!this.recordOpen) return
    this.#at = this.#recordStart
    this.#phase = IDLE
    if (this.#count === 0) this.#baseTimestamp = -1
  }

  /** One whole record of text in one call: the fastest way in. Returns the bytes it added to the batch. */
  appendUtf8(timestamp: number, key: string | null, value: string | null): number {
    this.begin(timestamp)
    if (key === null) this.nullKey()
    else {
      this.openKey()
      this.utf8(key)
      this.closeKey()
    }
    if (value === null) this.nullValue()
    else {
      this.openValue()
      this.utf8(value)
      this.closeValue()
    }
    return this.#finish()
  }

  utf8(text: string): void {
    const length = text.length
    if (this.#at + length * WORST_UTF8 > this.#buffer.length) this.#reserve(Buffer.byteLength(text))
    let written = this.#buffer.utf8Write(text, this.#at)
    if (written !== length && !text.isWellFormed()) {
      // Beyond ASCII: the engine writes U+FFFD for a lone surrogate where the JVM writes `?`.
      written = this.#buffer.utf8Write(withoutLoneSurrogates(text), this.#at)
    }
    this.#at += written
  }

  ascii(text: string): void {
    this.#reserve(text.length)
    this.#at += this.#buffer.latin1Write(text, this.#at)
  }

  bytes(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start
    this.#reserve(length)
    const buffer = this.#buffer
    const at = this.#at
    if (length === bytes.length) buffer.set(bytes, at)
    else if (length > SHORT_COPY) buffer.set(bytes.subarray(start, end), at)
    // A loop over few bytes is faster than a view of them.
    else for (let i = 0; i < length; i++) buffer[at + i] = bytes[start + i] as number
    this.#at = at + length
  }

  int8(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#at++] = value
  }

  int16(value: number): void {
    this.#reserve(2)
    this.#buffer[this.#at++] = value >> 8
    this.#buffer[this.#at++] = value
  }

  int32(value: number): void {
    this.#reserve(4)
    this.#at = this.#buffer.writeInt32BE(value, this.#at)
  }

  int64(value: number | bigint): void {
    this.#reserve(8)
    if (typeof value === 'number') writeInt64(this.#buffer, this.#at, value)
    else this.#buffer.writeBigInt64BE(value, this.#at)
    this.#at += 8
  }

  float32(value: number): void {
    this.#reserve(4)
    this.#at = this.#buffer.writeFloatBE(value, this.#at)
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#at = this.#buffer.writeDoubleBE(value, this.#at)
  }

  /** Bytes of the last whole record, its length included; 0 after it was moved or dropped. */
  get lastRecordSize(): number {
    return this.#lastStart === 0 ? 0 : this.#at - this.#lastStart
  }

  /** Takes the last whole record out again. */
  dropLast(): void {
    if (this.#phase !== IDLE || this.#lastStart === 0) this.#misuse('dropLast', IDLE)
    this.#at = this.#lastStart
    this.#count--
    this.#maxTimestamp = this.#maxBeforeLast
    this.#lastStart = 0
    if (this.#count === 0) this.#baseTimestamp = -1
  }

  /**
   * Moves the last whole record to the end of `other`, an open builder: what made a batch larger than it may be goes to
   * the next one without being written twice by its converter.
   */
  moveLastTo(other: BatchBuilder): void {
    if (this.#phase !== IDLE || this.#lastStart === 0) this.#misuse('moveLastTo', IDLE)
    other.#appendBody(this.#lastTimestamp, this.#buffer, this.#lastBody, this.#at)
    this.dropLast()
  }

  /** {@link seal} and {@link stamp} in one: the finished batch. */
  close(options: SealOptions = {}): Buffer {
    this.seal(options)
    return this.stamp(options)
  }

  /** Ends the writing: no more records; the record section is compressed. The header is still to be stamped. */
  seal(options: CompressionOptions = {}): void {
    if (this.#phase !== IDLE) this.#misuse('seal', IDLE)
    this.#phase = SEALED
    const type = options.compression ?? CompressionType.none
    this.#compression = type
    if (type === CompressionType.none) return
    const squeezed = compress(type, this.#buffer.subarray(BATCH_HEADER_SIZE, this.#at), options.compressionLevel)
    this.#at = BATCH_HEADER_SIZE
    this.bytes(squeezed)
  }

  /**
   * Writes the header and the checksum of a sealed batch and returns its bytes, a view of the builder's buffer.
   * May be called again, with another producer epoch or sequence, before the batch is sent again.
   */
  stamp(options: SealOptions = {}): Buffer {
    if (this.#phase !== SEALED) this.#misuse('stamp', SEALED)
    return stampHeader(this.#buffer, this.#at, options, {
      compression: this.#compression,
      count: this.#count,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
    })
  }

  #afterValue(): void {
    this.#headersAt = this.#at
    this.#buffer[this.#at++] = 0
    this.#headerCount = 0
    this.#phase = AFTER_VALUE
  }

  #field(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#reserve(FRAMING)
      this.#buffer[this.#at++] = 1
      return
    }
    this.#reserve(bytes.length + FRAMING)
    this.#at = writeVarint(this.#buffer, this.#at, bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Writes the length of the open field before it, moving the field when the guessed width was wrong. */
  #closeField(width: number, length: number): number {
    const start = this.#fieldStart
    const needed = varintSize(length)
    if (needed !== width) this.#shift(start + width, start + needed)
    writeVarint(this.#buffer, start, length)
    return needed
  }

  #undoField(): number {
    this.#at = this.#fieldStart
    this.#buffer[this.#at++] = 1
    return -1
  }

  #patchHeaderCount(): void {
    const width = varintSize(this.#headerCount)
    if (width !== 1) this.#shift(this.#headersAt + 1, this.#headersAt + width)
    writeVarint(this.#buffer, this.#headersAt, this.#headerCount)
  }

  /** Moves everything from `from` to the end of the open record to `to`. */
  #shift(from: number, to: number): void {
    this.#reserve(to > from ? to - from : 0)
    this.#buffer.copyWithin(to, from, this.#at)
    this.#at += to - from
  }

  #finish(): number {
    const start = this.#recordStart
    let width = this.#lengthWidth
    const size = this.#at - start - width
    const needed = varintSize(size)
    if (needed !== width) {
      this.#shift(start + width, start + needed)
      this.#lengthWidth = width = needed
    }
    writeVarint(this.#buffer, start, size)
    this.#lastStart = start
    // Attributes are one byte; the deltas are measured again only when a record is moved.
    this.#lastBody = start + width
    this.#lastTimestamp = this.#timestamp
    this.#maxBeforeLast = this.#maxTimestamp
    if (this.#timestamp > this.#maxTimestamp || this.#count === 0) this.#maxTimestamp = this.#timestamp
    this.#count++
    this.#phase = IDLE
    return this.#at - start
  }

  /** Appends a record whose bytes after its length are `[start, end)` of `from`, with deltas of this batch. */
  #appendBody(timestamp: number, from: Buffer, start: number, end: number): void {
    let at = start + 1
    while (from[at++]! > 0x7f);
    while (from[at++]! > 0x7f);
    this.begin(timestamp)
    this.bytes(from.subarray(at, end))
    this.#finish()
  }

  #reserve(more: number): void {
    if (this.#at + more > this.#buffer.length) this.#grow(more)
  }

  #grow(more: number): void {
    const needed = this.#at + more
    if (needed > LARGEST) throw new RangeError(`A record batch cannot be larger than ${LARGEST} bytes`)
    const size = Math.min(LARGEST, Math.max(this.#buffer.length * 2, needed + FRAMING))
    const larger = Buffer.allocUnsafeSlow(size)
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }

  #misuse(call: string, expected: number): never {
    throw new TypeError(
      `BatchBuilder.${call}() needs the batch to be ${PHASES[expected]}, and it is ${PHASES[this.#phase]}`,
    )
  }
}

function withoutLoneSurrogates(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '?')
}
