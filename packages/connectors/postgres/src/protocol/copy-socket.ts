// Copy data of a server's connection, read where it lies: frames are views of what the socket gave, and the socket is
// paused while enough is waiting. Takes over the socket of an idle `pg` client, since pg itself reads without a bound.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
import { EventEmitter, once } from 'node:events'
import type { Duplex } from 'node:stream'
import { type DatabaseError, databaseError } from './database-error.ts'

/** What the server may send while copying. */
const BACKEND = {
  COPY_DATA: 0x64,
  COPY_DONE: 0x63,
  COPY_OUT: 0x48,
  COPY_BOTH: 0x57,
  COMMAND_COMPLETE: 0x43,
  READY: 0x5a,
  ERROR: 0x45,
} as const

const HEADER = 5

/** One frame of copy data: `bytes` from `start` to `end`. Valid until the next call; strings and copies outlive it. */
export interface Frame {
  bytes: Buffer
  start: number
  end: number
}

/** Options of {@link CopySocket}. */
export interface CopySocketOptions {
  /** Bytes that may wait to be taken before the socket is paused. */
  readonly maxWaitingBytes: number
}

/**
 * Runs one statement that copies out (`COPY ... TO STDOUT`) or both ways (`START_REPLICATION`).
 * Events: `waiting` when a frame, the end or a failure may be there to be taken.
 */
export class CopySocket extends EventEmitter<{ waiting: [] }> {
  readonly #socket: Duplex
  readonly #max: number
  readonly #listeners: ((chunk: Buffer) => void)[]
  /** Chunks of the socket not yet taken; the first from {@link #at}. */
  #chunks: Buffer[] = []
  #at = 0
  #bytes = 0
  #paused = false
  #failure: Error | null = null
  #ended = false
  #started = false
  readonly #frame: Frame = { bytes: Buffer.alloc(0), start: 0, end: 0 }

  /** @param socket of a client that is connected and has no query under way */
  constructor(socket: Duplex, options: CopySocketOptions) {
    super()
    this.#socket = socket
    this.#max = options.maxWaitingBytes
    this.#listeners = socket.listeners('data') as ((chunk: Buffer) => void)[]
    socket.removeAllListeners('data')
    socket.on('data', this.#onData)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  /**
   * Sends the statement and waits until the server begins to copy.
   * @throws the server's error
   */
  async begin(statement: string): Promise<void> {
    const text = Buffer.from(`${statement}\0`)
    const message = Buffer.allocUnsafe(HEADER + text.length)
    message[0] = 0x51
    message.writeUInt32BE(text.length + 4, 1)
    text.copy(message, HEADER)
    this.#socket.write(message)
    while (!this.#started) {
      this.next()
      if (this.#started) return
      if (this.#ended) throw new Error('The server ended the statement before it began to copy')
      await once(this, 'waiting')
    }
  }

  /**
   * The next frame that is here, or null when there is none, or none yet: see {@link ended}.
   * @throws the server's error, or the connection's
   */
  next(): Frame | null {
    for (;;) {
      const first = this.#chunks[0]
      if (first === undefined || this.#bytes < HEADER) return this.#nothing()
      if (first.length - this.#at < HEADER) this.#join(HEADER)
      const bytes = this.#chunks[0] as Buffer
      const at = this.#at
      const size = bytes.readUInt32BE(at + 1) + 1
      if (this.#bytes < size) return this.#nothing()
      if (bytes.length - at < size) {
        this.#join(size)
        continue
      }
      this.#taken(size)
      const type = bytes[at]
      if (type === BACKEND.COPY_DATA) {
        const frame = this.#frame
        frame.bytes = bytes
        frame.start = at + HEADER
        frame.end = at + size
        return frame
      }
      const wasStarted = this.#started
      this.#control(type as number, bytes.subarray(at + HEADER, at + size))
      // The first frame is not for who waits for the beginning.
      if (!wasStarted && this.#started) return null
    }
  }

  /** Whether the server has ended the statement, and all is taken. */
  get ended(): boolean {
    return this.#ended
  }
  /** Bytes that wait to be taken. */
  get waitingBytes(): number {
    return this.#bytes
  }
  /** Whether a frame may be there, or an end to be noticed: nothing has to be awaited. */
  get mayHaveNext(): boolean {
    return this.#bytes >= HEADER || this.#ended || this.#failure !== null
  }

  /** Sends copy data the other way. False when the socket's buffer is full. */
  send(payload: Buffer): boolean {
    if (this.#failure !== null || this.#socket.destroyed) return false
    const header = Buffer.allocUnsafe(HEADER)
    header[0] = BACKEND.COPY_DATA
    header.writeUInt32BE(payload.length + 4, 1)
    this.#socket.cork()
    this.#socket.write(header)
    const room = this.#socket.write(payload)
    this.#socket.uncork()
    return room
  }

  /** Ends the copying from this side; the server answers with its end. */
  sendDone(): void {
    if (this.#failure === null && !this.#socket.destroyed)
      this.#socket.write(Buffer.from([BACKEND.COPY_DONE, 0, 0, 0, 4]))
  }

  /** Waits for {@link mayHaveNext} at most `ms`, or until `signal` aborts. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.mayHaveNextFrame() || signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.off('waiting', done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.once('waiting', done)
      signal?.addEventListener('abort', done)
    })
  }

  /** Gives the socket back to the client, after {@link ended}. */
  release(): void {
    this.#socket.off('data', this.#onData)
    this.#socket.off('error', this.#onError)
    this.#socket.off('close', this.#onClose)
    for (const listener of this.#listeners) this.#socket.on('data', listener)
    if (this.#paused) this.#socket.resume()
  }

  /** Whether a whole message is here. */
  mayHaveNextFrame(): boolean {
    if (this.#ended || this.#failure !== null) return true
    if (this.#bytes < HEADER) return false
    if ((this.#chunks[0] as Buffer).length - this.#at < HEADER) this.#join(HEADER)
    return this.#bytes >= (this.#chunks[0] as Buffer).readUInt32BE(this.#at + 1) + 1
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    // A frame larger than the bound has to be let in whole.
    if (this.#bytes > this.#max && !this.#paused && this.mayHaveNextFrame()) {
      this.#paused = true
      this.#socket.pause()
    }
    this.emit('waiting')
  }
  readonly #onError = (error: Error): void => {
    this.#failure ??= error
    this.emit('waiting')
  }
  readonly #onClose = (): void => {
    this.#failure ??= new Error('The server closed the connection')
    this.emit('waiting')
  }

  /** What arrived before a failure is still given out; then the failure is. */
  #nothing(): null {
    if (this.#failure !== null && !this.#ended) throw this.#failure
    return null
  }

  #control(type: number, payload: Buffer): void {
    if (type === BACKEND.COPY_OUT || type === BACKEND.COPY_BOTH) this.#started = true
    else if (type === BACKEND.READY) this.#ended = true
    else if (type === BACKEND.ERROR) {
      const error: DatabaseError = databaseError(payload)
      this.#failure = error
      throw error
    }
    // Notices, parameters, the end of data and of the command say nothing that is needed.
  }

  /** Makes the first `size` bytes lie in one piece. */
  #join(size: number): void {
    const pieces: Buffer[] = []
    let have = 0
    let skip = this.#at
    while (have < size) {
      const chunk = this.#chunks.shift() as Buffer
      const piece = skip === 0 ? chunk : chunk.subarray(skip)
      skip = 0
      pieces.push(piece)
      have += piece.length
    }
    this.#chunks.unshift(Buffer.concat(pieces, have))
    this.#at = 0
  }

  #taken(size: number): void {
    this.#bytes -= size
    this.#at += size
    if (this.#at === (this.#chunks[0] as Buffer).length) {
      this.#chunks.shift()
      this.#at = 0
    }
    if (this.#paused && this.#bytes < this.#max / 2) {
      this.#paused = false
      this.#socket.resume()
    } else if (this.#paused && !this.#hasWhole()) {
      this.#paused = false
      this.#socket.resume()
    }
  }
  #hasWhole(): boolean {
    const first = this.#chunks[0]
    if (first === undefined || this.#bytes < HEADER) return false
    if (first.length - this.#at < HEADER) return true
    return this.#bytes >= first.readUInt32BE(this.#at + 1) + 1
  }
}
