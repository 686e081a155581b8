// One client's connection: cuts the byte stream into requests, has them answered one after the other, and writes the answers in
// the order of the requests. A request waits until the one before it is answered, as in Kafka, so a slow answer holds back
// its own connection only. Bytes that make no sense end the connection, with a line in the log, and nothing else.

import type { Socket } from 'node:net'
import type { Logger } from '../logger.ts'

/** The answer to a request: pieces of one frame, its length first, to write one after the other; null when none is wanted. */
export type Answer = readonly Buffer[] | null

/** Answers one request; `frame` is the request without its length. Throws what makes the connection useless. */
export type AnswerRequest = (frame: Buffer, connection: ClientConnection) => Answer | Promise<Answer>

/** What a connection needs from outside. */
export interface ConnectionOptions {
  readonly socket: Socket
  readonly id: number
  readonly answer: AnswerRequest
  readonly maxRequestBytes: number
  readonly log: Logger
  readonly onClose: (connection: ClientConnection) => void
}

/** Bytes of requests that may wait in memory before no more are read from the socket. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024
/** Buffers smaller than this are not worth keeping for the next frame. */
const WORTH_KEEPING = 8 * 1024

/** See the head of this file. */
export class ClientConnection {
  readonly id: number
  readonly remoteHost: string
  readonly remotePort: number
  /** Called once when the connection is gone; for whoever waits on its behalf. */
  onGone: (() => void) | undefined
  lastActive = Date.now()

  readonly #options: ConnectionOptions
  readonly #socket: Socket
  readonly #waiting: Buffer[] = []
  #waitingBytes = 0
  #busy = false
  #blocked = false
  #closed = false
  /** The frame that is being gathered; whole frames are used where they came in. */
  #frame: Buffer | undefined
  #filled = 0
  /** Bytes of an unfinished length: at most three. */
  #rest: Buffer | undefined
  /** A frame buffer that can be used again. */
  #spare: Buffer | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#socket = options.socket
    this.id = options.id
    this.remoteHost = options.socket.remoteAddress ?? 'unknown'
    this.remotePort = options.socket.remotePort ?? 0
    options.socket.setNoDelay(true)
    options.socket.on('data', (chunk: Buffer) => this.#received(chunk))
    options.socket.on('drain', () => {
      this.#blocked = false
      this.#work()
    })
    options.socket.on('error', (error) => options.log.debug(`${this.name}: ${error.message}`))
    options.socket.on('close', () => this.#gone())
  }

  get name(): string {
    return `connection ${this.id} from ${this.remoteHost}:${this.remotePort}`
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Ends the connection at once; `why` goes to the log. */
  destroy(why?: string): void {
    if (this.#closed) return
    if (why !== undefined) this.#options.log.warn(`closing ${this.name}: ${why}`)
    this.#socket.destroy()
    this.#gone()
  }

  #gone(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.length = 0
    this.onGone?.()
    this.#options.onClose(this)
  }

  #received(chunk: Buffer): void {
    this.lastActive = Date.now()
    try {
      this.#split(chunk)
    } catch (error) {
      this.destroy(error instanceof Error ? error.message : String(error))
      return
    }
    this.#work()
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#socket.pause()
  }

  #split(chunk: Buffer): void {
    let data = chunk
    if (this.#frame !== undefined) {
      const taken = Math.min(this.#frame.length - this.#filled, data.length)
      data.copy(this.#frame, this.#filled, 0, taken)
      this.#filled += taken
      if (this.#filled < this.#frame.length) return
      this.#queue(this.#frame)
      this.#frame = undefined
      data = data.subarray(taken)
    }
    if (this.#rest !== undefined) {
      data = Buffer.concat([this.#rest, data])
      this.#rest = undefined
    }
    let at = 0
    while (data.length - at >= 4) {
      const size = data.readInt32BE(at)
      if (size < 8 || size > this.#options.maxRequestBytes) {
        throw new Error(
          `it sent a request of ${size} bytes; allowed are 8 to ${this.#options.maxRequestBytes} (socket.request.max.bytes)` +
            (data.readUInt8(at) === 0x16 ? '; this looks like TLS, and the port speaks plaintext' : ''),
        )
      }
      if (data.length - at - 4 < size) {
        this.#frame = this.#takeBuffer(size)
        this.#filled = data.copy(this.#frame, 0, at + 4)
        return
      }
      this.#queue(data.subarray(at + 4, at + 4 + size))
      at += 4 + size
    }
    if (at < data.length) this.#rest = at === 0 ? data : data.subarray(at)
  }

  #queue(frame: Buffer): void {
    this.#waiting.push(frame)
    this.#waitingBytes += frame.length
  }

  #takeBuffer(size: number): Buffer {
    const spare = this.#spare
    if (spare !== undefined && spare.length >= size && spare.length <= size * 4) {
      this.#spare = undefined
      return spare.length === size ? spare : spare.subarray(0, size)
    }
    return Buffer.allocUnsafeSlow(size)
  }

  /** Gives a frame back whose bytes nobody refers to any more. */
  recycle(frame: Buffer): void {
    if (frame.length < WORTH_KEEPING || frame.byteOffset !== 0) return
    const whole = Buffer.from(frame.buffer)
    if (this.#spare === undefined || this.#spare.length < whole.length) this.#spare = whole
  }

  #work(): void {
    if (this.#busy || this.#closed || this.#waiting.length === 0) return
    this.#socket.cork()
    while (this.#waiting.length > 0 && !this.#busy && !this.#blocked && !this.#closed) {
      const frame = this.#waiting.shift()!
      this.#waitingBytes -= frame.length
      this.#next(frame)
    }
    this.#socket.uncork()
    if (this.#waitingBytes <= MAX_WAITING_BYTES && this.#socket.isPaused()) this.#socket.resume()
  }

  #next(frame: Buffer): void {
    let answer: Answer | Promise<Answer>
    try {
      answer = this.#options.answer(frame, this)
    } catch (error) {
      this.#failed(error)
      return
    }
    if (!(answer instanceof Promise)) {
      this.#write(answer)
      return
    }
    this.#busy = true
    answer.then(
      (pieces) => {
        this.#busy = false
        this.#socket.cork()
        this.#write(pieces)
        this.#socket.uncork()
        this.#work()
      },
      (error: unknown) => {
        this.#busy = false
        this.#failed(error)
      },
    )
  }

  #write(pieces: Answer): void {
    if (pieces === null || this.#closed) return
    let room = true
    for (const piece of pieces) room = this.#socket.write(piece)
    if (!room && this.#socket.writableLength > this.#socket.writableHighWaterMark) this.#blocked = true
  }

  #failed(error: unknown): void {
    this.destroy(error instanceof Error ? error.message : String(error))
  }
}
