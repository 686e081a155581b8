// Reads ahead in big pieces and cuts them into runs of whole lines.
import { ConnectException } from '@millrace/api'
import { Chunk } from './chunk.ts'
import type { Input } from './input.ts'

/** Bytes per read: a decoded piece stays below the size from which V8 gives every string pages of its own. */
export const READ_BYTES = 120 * 1024

const LF = 10
const CR = 13

/**
 * A reader of lines over one {@link Input}. Holds at most one piece of decoded lines and one of bytes read ahead; both
 * grow only for a line that is longer than a piece, up to `maxLineBytes`.
 */
export class LineReader {
  readonly input: Input
  readonly #name: string
  readonly #maxLineBytes: number
  #buffer = Buffer.allocUnsafe(READ_BYTES)
  /** Bytes at the start of the buffer that belong to a line whose end has not come. */
  #left = 0
  /** Position in the input of the buffer's first byte. */
  #position: number
  #ahead: Promise<number> | null = null
  /** The lines that were read last; some may have been taken. */
  chunk: Chunk | null = null

  /** @param name what is read, for messages */
  constructor(input: Input, position: number, maxLineBytes: number, name: string) {
    this.input = input
    this.#position = position
    this.#maxLineBytes = maxLineBytes
    this.#name = name
  }

  /**
   * Reads the next run of whole lines into {@link LineReader.chunk}, and tells `lines`; `partial` when what was read ends no line yet; `end` when there is nothing more at this time.
   * Reading goes on in the background while the lines are handed out.
   * @throws ConnectException for a line longer than the limit; the system's error for a failed read
   */
  async next(): Promise<'lines' | 'partial' | 'end'> {
    const pending = this.#ahead ?? this.#read()
    this.#ahead = null
    const count = await pending
    if (count === 0) return 'end'
    const from = this.#left
    const filled = from + count
    const { end, carriageReturns } = lastLineEnd(this.#buffer, from, filled)
    if (end === 0) {
      this.#left = filled
      this.#makeRoom()
      return 'partial'
    }
    // Only the first line can be that long: the buffer has no room for more after it.
    if (end > this.#maxLineBytes) this.#checkLength(this.#buffer.subarray(0, end).findIndex(isLineEnd))
    this.chunk = new Chunk(this.#buffer.subarray(0, end), this.#position, !carriageReturns)
    this.#keepRest(end, filled)
    this.#ahead = this.#read()
    // A failure is reported to whoever asks next; until then it must not count as unhandled.
    this.#ahead.catch(() => {})
    return 'lines'
  }

  /** The line without an end that is left when the input has ended for good, or null. */
  rest(): string | null {
    if (this.#left === 0) return null
    const end = this.#buffer[this.#left - 1] === CR ? this.#left - 1 : this.#left
    const line = this.#buffer.toString('utf8', 0, end)
    this.#position += this.#left
    this.#left = 0
    return line
  }

  /** Waits for a read under way, then closes the input. */
  async close(): Promise<void> {
    await this.#ahead?.catch(() => {})
    this.#ahead = null
    await this.input.close()
  }

  #read(): Promise<number> {
    return this.input.read(this.#buffer, this.#left)
  }

  #keepRest(end: number, filled: number): void {
    const rest = this.#buffer.subarray(end, filled)
    this.#left = rest.length
    this.#position += end
    // After a long line, the memory it took is given back.
    if (this.#buffer.length > READ_BYTES && rest.length < READ_BYTES) this.#buffer = Buffer.allocUnsafe(READ_BYTES)
    rest.copy(this.#buffer)
  }

  #makeRoom(): void {
    if (this.#left < this.#buffer.length) return
    // Two more bytes than the longest line: room for its line end.
    const most = this.#maxLineBytes + 2
    if (this.#left >= most) this.#checkLength(this.#left)
    const larger = Buffer.allocUnsafe(Math.min(most, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#left)
    this.#buffer = larger
  }

  #checkLength(bytes: number): void {
    if (bytes <= this.#maxLineBytes) return
    throw new ConnectException(
      `The line at byte ${this.#position} of ${this.#name} is longer than max.line.bytes (${this.#maxLineBytes})`,
      { configKey: 'max.line.bytes', action: 'Raise max.line.bytes, or remove the line from the file.' },
    )
  }
}

function isLineEnd(byte: number): boolean {
  return byte === LF || byte === CR
}

/**
 * Where the last whole line in `buffer[0, filled)` ends, 0 for none; bytes before `from` are known to hold no line end,
 * except that their last one may be a carriage return. A carriage return at the very end decides nothing: a line feed may follow.
 */
function lastLineEnd(buffer: Buffer, from: number, filled: number): { end: number; carriageReturns: boolean } {
  const start = from > 0 && buffer[from - 1] === CR ? from - 1 : from
  const fresh = buffer.subarray(start, filled)
  const lf = fresh.lastIndexOf(LF)
  const lastCr = fresh.lastIndexOf(CR)
  if (lastCr < 0) return { end: lf < 0 ? 0 : start + lf + 1, carriageReturns: false }
  const cr = lastCr < fresh.length - 1 ? lastCr : fresh.subarray(0, lastCr).lastIndexOf(CR)
  const end = Math.max(lf, cr) + 1
  return { end: end === 0 ? 0 : start + end, carriageReturns: true }
}
