// The binlog as packets on a connection: frames of at most 16 MB, put together again, asked for only when they are wanted.
import type { Readable } from 'node:stream'

const MOST_PAYLOAD = 0xff_ffff
const HEADER = 4

/** Reads payloads of packets out of a stream that nobody else reads. What is not asked for stays in the socket. */
export class PacketReader {
  readonly #stream: Readable
  /** Bytes that are there and not used: a single buffer while packets are small, several until a large one is whole. */
  #chunks: Buffer[] = []
  #length = 0
  #error: Error | null = null
  #wake: (() => void) | null = null
  /** Payloads of full frames that the next one continues. */
  #parts: Buffer[] = []

  constructor(stream: Readable, leftover: Buffer = Buffer.alloc(0)) {
    this.#stream = stream
    if (leftover.length > 0) this.#push(leftover)
    stream.on('readable', () => this.#notify())
    stream.on('error', (error) => this.#fail(error))
    stream.on('end', () => this.#fail(new Error('The server closed the connection')))
    stream.on('close', () => this.#fail(new Error('The connection was closed')))
  }

  /**
   * The payload of the next packet if it is there: a view of what was received, valid as long as it is held.
   * Undefined when more must come first: {@link wait}.
   */
  next(): Buffer | undefined {
    for (;;) {
      if (this.#length < HEADER && !this.#fill()) return undefined
      if (this.#length < HEADER) continue
      const length = this.#frameLength()
      if (this.#length < HEADER + length) {
        if (!this.#fill()) return undefined
        continue
      }
      const payload = this.#take(HEADER + length).subarray(HEADER)
      if (length < MOST_PAYLOAD && this.#parts.length === 0) return payload
      this.#parts.push(payload)
      if (length === MOST_PAYLOAD) continue
      const whole = Buffer.concat(this.#parts)
      this.#parts = []
      return whole
    }
  }

  /**
   * Resolves when there may be more, when `signal` aborts, or after `ms`.
   * @throws Error when the connection ended and everything received was given out
   */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#fill() || signal.aborted) return Promise.resolve()
    if (this.#error !== null) return Promise.reject(this.#error)
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = null
        if (this.#error !== null && !this.#fill()) reject(this.#error)
        else resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      this.#wake = done
    })
  }

  #notify(): void {
    this.#wake?.()
  }

  #fail(error: Error): void {
    this.#error ??= error
    this.#notify()
  }

  /** Takes over what the stream holds; false when it holds nothing. */
  #fill(): boolean {
    const chunk = this.#stream.read() as Buffer | null
    if (chunk === null) return false
    this.#push(chunk)
    return true
  }

  #push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  #frameLength(): number {
    if (this.#chunks[0]!.length < HEADER) this.#join()
    return this.#chunks[0]!.readUIntLE(0, 3)
  }

  #take(length: number): Buffer {
    if (this.#chunks[0]!.length < length) this.#join()
    const first = this.#chunks[0]!
    this.#length -= length
    if (first.length === length) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(length)
    return first.subarray(0, length)
  }

  /** Called once a large frame is whole, so that its bytes are copied once. */
  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks)]
  }
}
