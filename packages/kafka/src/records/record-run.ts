// A run of records parsed at once: where their keys, values and headers lie, in one reused array. Being a run it can
// also be decoded to text at once, when it is ASCII: substrings of one string cost a sixth of a string each.
import './buffer-methods.ts'
import { MalformedRecord } from './errors.ts'
import { VarintCursor } from './varint.ts'

/** Where a reader's fields are set from a run. */
export interface RecordPlace {
  keyStart: number
  keyEnd: number
  valueStart: number
  valueEnd: number
  headersStart: number
  headerCount: number
}

/** Most records and about most bytes of a run: a substring keeps the text of its whole run alive, so that stays small. */
const MAX_RECORDS = 256
const MAX_BYTES = 32 * 1024
const STRIDE = 7
/** Length, attributes, two deltas, key and value length, header count; and of a header its two lengths. */
const FIELDS = 7
const HEADER_FIELDS = 2
/** Runs that are passed over without a try after text turned out not to be ASCII, at most. */
const MAX_PATIENCE = 64

export class RecordRun {
  /** Records in the run. */
  count = 0
  /** Position after the last record of the run. */
  end = 0
  #start = 0
  #places = new Int32Array(8 * STRIDE)
  #timestamps = new Float64Array(8)
  readonly #cursor = new VarintCursor(Buffer.alloc(0))
  /** Bytes of 0x80 and above in the framing: every byte of a varint but its last. */
  #highBytes = 0
  #text: string | null = null
  #textTried = false
  #patience = 0
  #skip = 0

  clear(): void {
    this.count = 0
    this.#text = null
  }

  offsetDelta(index: number): number {
    return this.#places[index * STRIDE]!
  }

  timestampDelta(index: number): number {
    return this.#timestamps[index]!
  }

  keyStart(index: number): number {
    return this.#places[index * STRIDE + 1]!
  }

  keyEnd(index: number): number {
    return this.#places[index * STRIDE + 2]!
  }

  /** Sets the fields of `to` to record `index`. */
  place(index: number, to: RecordPlace): void {
    const places = this.#places
    const at = index * STRIDE
    to.keyStart = places[at + 1]!
    to.keyEnd = places[at + 2]!
    to.valueStart = places[at + 3]!
    to.valueEnd = places[at + 4]!
    to.headersStart = places[at + 5]!
    to.headerCount = places[at + 6]!
  }

  /** Parses up to `most` records from `start` and returns how many it took, at least one. @throws MalformedRecord */
  parse(buffer: Buffer, start: number, end: number, most: number): number {
    const wanted = most < MAX_RECORDS ? most : MAX_RECORDS
    if (wanted > this.#timestamps.length) this.#widen(wanted)
    const places = this.#places
    const timestamps = this.#timestamps
    const cursor = this.#cursor
    cursor.buffer = buffer
    cursor.end = end
    const enough = start + MAX_BYTES
    let payload = 0
    let headerTotal = 0
    let count = 0
    let at = start
    // The five numbers of a record are read here when they take one or two bytes, and by the cursor otherwise. A byte
    // beyond the end reads as undefined or a neighbour's: whatever comes of it, the record then does not end where it says.
    while (count < wanted && at < enough) {
      const before = at
      let size = buffer[at]!
      if (size < 0x80) at++
      else if (buffer[at + 1]! < 0x80) {
        size = (size & 0x7f) | (buffer[at + 1]! << 7)
        at += 2
      } else {
        size = cursor.foldedAt(at)
        at = cursor.at
      }
      size = (size >>> 1) ^ -(size & 1)
      const recordEnd = at + size
      if (size < 0 || recordEnd > end) this.fail(`a record of ${size} bytes at byte ${before} leads outside its batch`)
      at++
      if (buffer[at] === 0) {
        timestamps[count] = 0
        at++
      } else {
        cursor.at = at
        timestamps[count] = cursor.varlong()
        at = cursor.at
      }
      const place = count * STRIDE
      let number = buffer[at]!
      if (number < 0x80) at++
      else if (buffer[at + 1]! < 0x80) {
        number = (number & 0x7f) | (buffer[at + 1]! << 7)
        at += 2
      } else {
        number = cursor.foldedAt(at)
        at = cursor.at
      }
      places[place] = (number >>> 1) ^ -(number & 1)
      // Key and value alike: -1 is null, and folded that is 1.
      for (let field = place + 1; field <= place + 3; field += 2) {
        number = buffer[at]!
        if (number < 0x80) at++
        else if (buffer[at + 1]! < 0x80) {
          number = (number & 0x7f) | (buffer[at + 1]! << 7)
          at += 2
        } else {
          number = cursor.foldedAt(at)
          at = cursor.at
        }
        places[field] = at
        if (number & 1) places[field + 1] = -1
        else {
          number >>>= 1
          if (number > recordEnd - at)
            this.fail(`a key or value of ${number} bytes leads outside its record at byte ${at}`)
          at += number
          payload += number
          places[field + 1] = at
        }
      }
      let headers = buffer[at++]!
      if (headers !== 0) {
        headers = cursor.varintAt(at - 1)
        places[place + 5] = cursor.at
        payload += this.#passHeaders(headers, recordEnd)
        headerTotal += headers
        at = cursor.at
      } else places[place + 5] = at
      places[place + 6] = headers
      if (at !== recordEnd) this.fail(`a record that ends at byte ${recordEnd} has its last field end at ${at}`)
      count++
    }
    // What is not payload is framing: per record seven fields and per header two, and of each field the last byte is low.
    this.#highBytes = at - start - payload - FIELDS * count - HEADER_FIELDS * headerTotal
    this.#start = start
    this.end = at
    this.count = count
    this.#text = null
    this.#textTried = false
    return count
  }

  /**
   * The text of `[start, end)`, a key or value of this run. The run is decoded once as Latin-1; it is ASCII, and the
   * text so right, exactly when it has no high bytes beside those of the framing.
   */
  text(buffer: Buffer, start: number, end: number): string {
    if (!this.#textTried) this.#decode(buffer, end - start)
    const text = this.#text
    if (text !== null) return text.substring(start - this.#start, end - this.#start)
    return buffer.utf8Slice(start, end)
  }

  /** @throws MalformedRecord */
  fail(why: string): never {
    throw new MalformedRecord(why)
  }

  #decode(buffer: Buffer, length: number): void {
    const size = this.end - this.#start
    // Not worth it for texts that are a small part of the run: a short key is asked for first, its value may follow.
    if (length * this.count * 4 < size) return
    this.#textTried = true
    if (this.count < 4 || size > 2 * MAX_BYTES) return
    // Nor when the runs before were not ASCII: the next try comes later and later.
    if (this.#skip > 0) {
      this.#skip--
      return
    }
    const text = buffer.latin1Slice(this.#start, this.end)
    if (Buffer.byteLength(text) - size === this.#highBytes) {
      this.#text = text
      this.#patience = 0
    } else {
      this.#patience = Math.min(MAX_PATIENCE, this.#patience * 2 + 1)
      this.#skip = this.#patience
    }
  }

  /** Walks over `count` headers and returns the bytes of their names and values. */
  #passHeaders(count: number, recordEnd: number): number {
    const cursor = this.#cursor
    if (count < 0) this.fail(`a record says it has ${count} headers at byte ${cursor.at}`)
    let payload = 0
    for (let i = 0; i < count; i++) {
      const nameSize = cursor.varint()
      if (nameSize < 0 || nameSize > recordEnd - cursor.at) {
        this.fail(`a header name of ${nameSize} bytes leads outside its record at byte ${cursor.at}`)
      }
      cursor.at += nameSize
      payload += nameSize
      const size = cursor.varint()
      if (size > recordEnd - cursor.at) {
        this.fail(`a header value of ${size} bytes leads outside its record at byte ${cursor.at}`)
      }
      if (size > 0) {
        cursor.at += size
        payload += size
      }
    }
    return payload
  }

  #widen(records: number): void {
    const size = Math.min(MAX_RECORDS, Math.max(records, this.#timestamps.length * 2))
    this.#places = new Int32Array(size * STRIDE)
    this.#timestamps = new Float64Array(size)
  }
}
