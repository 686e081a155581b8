// Appends text to a file descriptor: one write under way, one buffer being filled behind it.
import { fdatasync, write } from 'node:fs'
import { promisify } from 'node:util'
import { encodable, printPlain } from './plain-text.ts'

const sync: (fd: number) => Promise<void> = promisify(fdatasync)

/** How much text to collect for one {@link LineWriter.add}: long enough to be cheap, short enough for the young heap. */
export const PIECE_CHARS = 32 * 1024
/** When this much is waiting behind a write, whoever adds more has to wait too. */
const FULL_BYTES = 1024 * 1024
const FIRST_BYTES = 128 * 1024
const LF = 10
const RETRY_FULL_PIPE_MS = 5

/**
 * Appends text. It is taken into memory and written in the background; {@link LineWriter.flush} waits until all of it
 * is written. After a failed write the bytes that were not written are kept and come first at the next attempt, so a
 * failure neither tears a line nor loses one. Memory is bounded by about 1 MiB and one batch waiting, and as much on its way.
 */
export class LineWriter {
  readonly #fd: number
  #filling = Buffer.allocUnsafe(FIRST_BYTES)
  #filled = 0
  /** The other buffer: free, or behind {@link LineWriter.#outgoing}. */
  #other = Buffer.allocUnsafe(FIRST_BYTES)
  /** What is not yet written of the write that was begun last. */
  #outgoing: Buffer | null = null
  /** The write under way; never rejects. */
  #writing: Promise<void> | null = null
  #failure: Error | null = null
  #unsynced = false

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Adds text: whole lines, with their line ends. Follow the last text of a batch with {@link push}. */
  add(text: string): void {
    if (text === '') return
    const whole = encodable(text)
    this.#reserve(whole)
    this.#filled += this.#filling.write(whole, this.#filled, 'utf8')
  }

  /** Adds a plain object's text and a line feed: what {@link add} does with its `valueToString`, without making that string. */
  addPlain(value: Readonly<Record<string, unknown>>): void {
    let end = printPlain(value, this.#filling, this.#filled)
    while (end < 0 || end === this.#filling.length) {
      this.#grow(this.#filling.length * 2)
      end = printPlain(value, this.#filling, this.#filled)
    }
    this.#filling[end] = LF
    this.#filled = end + 1
  }

  /** Starts writing what was added. Returns a promise only when too much is waiting. Failures show in {@link recover} and {@link flush}. */
  push(): void | Promise<void> {
    this.#start()
    if (this.#filled >= FULL_BYTES && this.#failure === null) return this.#room()
  }

  /** To be called before more is added: writes again what a failed write left over. @throws the system's error when it fails again */
  recover(): void | Promise<void> {
    if (this.#failure !== null) return this.#retry()
  }

  /** Resolves when everything added is written and, with `durable`, has reached the disk. @throws the system's error */
  async flush(durable: boolean): Promise<void> {
    while (this.#writing !== null || this.#failure !== null || this.#filled > 0) {
      if (this.#failure !== null) await this.#retry()
      else this.#start()
      await this.#writing
    }
    if (!durable || !this.#unsynced) return
    await sync(this.#fd)
    this.#unsynced = false
  }

  async #room(): Promise<void> {
    while (this.#filled >= FULL_BYTES && this.#failure === null) await this.#writing
  }

  async #retry(): Promise<void> {
    this.#failure = null
    this.#start()
    await this.#writing
    if (this.#failure !== null) throw this.#failure
  }

  #reserve(text: string): void {
    const room = this.#filling.length - this.#filled
    if (text.length * 3 <= room) return
    const needed = Buffer.byteLength(text)
    if (needed <= room) return
    this.#grow(Math.max(this.#filling.length * 2, this.#filled + needed))
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafe(size)
    this.#filling.copy(larger, 0, 0, this.#filled)
    this.#filling = larger
  }

  /** Begins to write what is left of the last write, else what was filled since; nothing while a write is under way or has failed. */
  #start(): void {
    if (this.#writing !== null || this.#failure !== null) return
    if (this.#outgoing === null) {
      if (this.#filled === 0) return
      const full = this.#filling
      this.#outgoing = full.subarray(0, this.#filled)
      this.#filling = this.#other
      this.#filled = 0
      this.#other = full
    }
    this.#unsynced = true
    this.#writing = new Promise((resolve) => this.#write(this.#outgoing!, resolve))
  }

  #write(bytes: Buffer, done: () => void): void {
    write(this.#fd, bytes, 0, bytes.length, null, (error, count) => {
      if (error?.code === 'EAGAIN') {
        // Standard output may be a pipe in non-blocking mode whose reader is slow.
        setTimeout(() => this.#write(bytes, done), RETRY_FULL_PIPE_MS)
        return
      }
      const left = error === null ? bytes.subarray(count) : bytes
      if (error === null && left.length > 0) return this.#write(left, done)
      this.#writing = null
      this.#outgoing = left.length > 0 ? left : null
      this.#failure = error
      this.#start()
      done()
    })
  }
}
