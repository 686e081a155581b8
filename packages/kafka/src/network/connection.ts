// One connection to one broker: requests go out as they come, answers come back in order, a broken connection fails them all.
import type { Socket } from 'node:net'
import { errorMessage } from '@millrace/api'
import { disconnected, KafkaException, timedOut } from '../errors.ts'
import { type Api, decodeResponse, hasFlexibleResponseHeader, skipTags, writeRequestHeader } from '../protocol/api.ts'
import { ByteReader } from '../protocol/reader.ts'
import { ByteWriter } from '../protocol/writer.ts'
import { FrameReader } from './frames.ts'
import { recognizePeer } from './mismatch.ts'
import { PendingQueue, type PendingRequest } from './pending.ts'
import { lateHandshakeFailure } from './tls-errors.ts'
import type { TrafficListener } from './traffic.ts'

/** What a connection needs to know. */
export interface ConnectionOptions {
  readonly clientId: string
  readonly requestTimeoutMs: number
  /** After this time without a request the connection is given up before the broker does so. Never without it. */
  readonly maxIdleMs?: number
  readonly traffic?: TrafficListener | undefined
}

/** Options of one request. */
export interface SendOptions {
  /** Instead of `request.timeout.ms`, for requests that a broker may hold longer. */
  readonly timeoutMs?: number
  /** Who asks, on a connection that several clients share; else the client that opened it. */
  readonly clientId?: string
}

/** Versions of each API that a broker speaks. */
export type ApiRanges = ReadonlyMap<number, { readonly min: number; readonly max: number }>

/** Frames above this are taken for nonsense: the largest that Kafka can be configured to send. */
const MAX_FRAME = 0x7fff_ffff
const MAX_CORRELATION_ID = 0x7fff_ffff
const LENGTH_BYTES = 4
/** Parts of a session's lifetime after which another connection takes over. */
const SESSION_SOFT_PART = 0.85
const SESSION_HARD_PART = 0.95

/**
 * An open connection. Requests may be sent before earlier ones are answered. When the connection breaks or a request
 * times out, every waiting request is rejected once with a retriable `DisconnectException` or `TimeoutException`.
 */
export class Connection {
  readonly address: string
  readonly #options: ConnectionOptions
  readonly #frames: FrameReader
  readonly #pending = new PendingQueue()
  #socket: Socket | null = null
  #ranges: ApiRanges = new Map()
  #correlationId = 0
  #failure: KafkaException | null = null
  #heard = false
  #hint = ''
  #retired = false
  #lastUsed = performance.now()
  readonly #maxIdleMs: number
  #sessionSoftEnd = Number.POSITIVE_INFINITY
  #sessionHardEnd = Number.POSITIVE_INFINITY
  #onClose: (() => void)[] = []

  constructor(address: string, options: ConnectionOptions) {
    this.address = address
    this.#options = options
    this.#maxIdleMs = options.maxIdleMs ?? Number.POSITIVE_INFINITY
    this.#frames = new FrameReader(MAX_FRAME, (frame) => this.#answer(frame))
  }

  /** True once the connection is of no more use. */
  get closed(): boolean {
    return this.#failure !== null
  }
  /** Requests without an answer yet. */
  get inFlight(): number {
    return this.#pending.size
  }
  /**
   * True when another connection should take over: the session nears its end (between requests first, whatever is under
   * way later), or nothing was asked for so long that the broker may be closing it just now.
   */
  get expiring(): boolean {
    const now = performance.now()
    if (now >= this.#sessionHardEnd) return true
    return this.inFlight === 0 && (now >= this.#sessionSoftEnd || now - this.#lastUsed >= this.#maxIdleMs)
  }
  /** Says what it may mean when the broker closes the connection before it answers the next request. */
  hintOnClose(hint: string): void {
    this.#hint = `: ${hint}`
  }
  /** The broker takes no more requests after this time in milliseconds (KIP-368); 0 for no limit. */
  limitSession(lifetimeMs: number): void {
    if (lifetimeMs <= 0) return
    this.#sessionSoftEnd = performance.now() + lifetimeMs * SESSION_SOFT_PART
    this.#sessionHardEnd = performance.now() + lifetimeMs * SESSION_HARD_PART
  }
  /** Closes the connection once the requests under way are answered. */
  retire(): void {
    this.#retired = true
    if (this.inFlight === 0) this.close()
  }
  /** Called once when the connection ends, whatever the reason; at once when it has ended. */
  onClose(listener: () => void): void {
    if (this.closed) listener()
    else this.#onClose.push(listener)
  }

  /** Takes over an open socket, whose data goes to {@link receive}. */
  attach(socket: Socket): void {
    this.#socket = socket
    this.#options.traffic?.opened(this.address)
    socket.on('error', (error) => this.destroy(this.#broken(error)))
    socket.on('close', () => this.destroy(disconnected(`Broker ${this.address} closed the connection${this.#hint}`)))
  }
  /** Bytes from the socket; copied. */
  receive(chunk: Uint8Array, length: number): void {
    const peer = this.#heard ? undefined : recognizePeer(chunk.subarray(0, length))
    this.#heard = true
    if (peer !== undefined) {
      const message = `Broker ${this.address} is no plain Kafka listener: ${peer}`
      this.destroy(new KafkaException(message, { exception: 'SslAuthenticationException' }))
      return
    }
    try {
      this.#frames.push(chunk, length)
    } catch (error) {
      this.destroy(
        disconnected(`Broker ${this.address} does not answer as a Kafka broker: ${errorMessage(error)}`, error),
      )
    }
  }
  /** What the broker speaks, learnt by asking it. */
  learn(ranges: ApiRanges): void {
    this.#ranges = ranges
  }
  /** Whether the two sides have a version of the request in common. */
  offers(api: Pick<Api, 'key' | 'minVersion' | 'maxVersion'>): boolean {
    const range = this.#ranges.get(api.key)
    return range !== undefined && Math.min(api.maxVersion, range.max) >= Math.max(api.minVersion, range.min)
  }
  /** The highest version that both sides speak. @throws KafkaException `UnsupportedVersionException` when there is none */
  version(api: Pick<Api, 'key' | 'name' | 'minVersion' | 'maxVersion'>): number {
    const range = this.#ranges.get(api.key)
    const version = Math.min(api.maxVersion, range?.max ?? -1)
    if (range !== undefined && version >= api.minVersion && version >= range.min) return version
    const theirs = range === undefined ? 'does not have it' : `has versions ${range.min} to ${range.max}`
    throw new KafkaException(
      `Broker ${this.address} cannot be asked ${api.name}: it ${theirs}, this client speaks ${api.minVersion} to ${api.maxVersion}`,
      { exception: 'UnsupportedVersionException' },
    )
  }

  /** Sends a request in the highest common version (or the one given) and reads its answer. */
  async send<Req, ReqIn, Res, ResIn>(
    api: Api<Req, ReqIn, Res, ResIn>,
    request: ReqIn,
    options: SendOptions & { readonly version?: number } = {},
  ): Promise<Res> {
    const version = options.version ?? this.version(api)
    const body = new ByteWriter()
    api.request(version).write(body, request)
    const answer = await this.sendRaw(api, version, [body.bytes()], options.timeoutMs, options.clientId)
    return decodeResponse(api, version, answer)
  }

  /**
   * Sends a body that is already encoded, in pieces that are not copied (they must not change until the answer). Resolves
   * with a reader that stands before the response header's tags; see {@link readBody}.
   */
  sendRaw(
    api: Pick<Api, 'key' | 'name' | 'flexibleFrom'>,
    version: number,
    pieces: readonly Uint8Array[],
    timeoutMs?: number,
    clientId = this.#options.clientId,
  ): Promise<ByteReader> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    const correlationId = this.#write(api, version, pieces, clientId)
    return new Promise<ByteReader>((resolve, reject) => {
      const at = this.#options.traffic === undefined ? 0 : performance.now()
      const pending: PendingRequest = { correlationId, api: api.name, resolve, reject, timer: null, at }
      const ms = timeoutMs ?? this.#options.requestTimeoutMs
      pending.timer = setTimeout(() => this.#expired(pending, ms), ms)
      this.#pending.push(pending)
    })
  }
  /** Sends a request that the broker does not answer: Produce with `acks=0`. */
  sendOnly(api: Pick<Api, 'key' | 'name' | 'flexibleFrom'>, version: number, pieces: readonly Uint8Array[]): void {
    if (this.#failure !== null) throw this.#failure
    this.#write(api, version, pieces, this.#options.clientId)
  }
  /** Bytes that wait for the socket: above zero for long means that the broker does not read. */
  get unsentBytes(): number {
    return this.#socket?.writableLength ?? 0
  }

  /** Ends the connection; waiting requests are rejected. Safe to call again. */
  close(): void {
    this.destroy(disconnected(`The connection to broker ${this.address} was closed by this client`))
  }
  /** Ends the connection because of `reason`, with which every waiting request is rejected. Safe to call again. */
  destroy(reason: KafkaException): void {
    if (this.#failure !== null) return
    this.#failure = reason
    if (this.#socket !== null) this.#options.traffic?.closed(this.address)
    this.#socket?.destroy()
    for (const pending of this.#pending.drain()) {
      if (pending.timer !== null) clearTimeout(pending.timer)
      pending.reject(reason)
    }
    for (const listener of this.#onClose.splice(0)) listener()
  }

  #write(
    api: Pick<Api, 'key' | 'flexibleFrom'>,
    version: number,
    pieces: readonly Uint8Array[],
    clientId: string,
  ): number {
    const socket = this.#socket
    if (socket === null) throw new TypeError('A connection must be attached to a socket before it is used')
    const correlationId = this.#correlationId
    this.#correlationId = correlationId === MAX_CORRELATION_ID ? 0 : correlationId + 1
    const head = new ByteWriter(64)
    head.int32(0)
    const header = { apiKey: api.key, apiVersion: version, correlationId, clientId }
    writeRequestHeader(head, header, version >= api.flexibleFrom)
    let size = head.length - LENGTH_BYTES
    for (const piece of pieces) size += piece.length
    head.patchInt32(0, size)
    this.#options.traffic?.sent(this.address, size + LENGTH_BYTES)
    socket.cork()
    socket.write(head.bytes())
    for (const piece of pieces) socket.write(piece)
    socket.uncork()
    return correlationId
  }

  #answer(frame: Buffer): void {
    const from = new ByteReader(frame)
    const pending = this.#pending.shift()
    const correlationId = frame.length < LENGTH_BYTES ? -1 : from.int32()
    if (pending === undefined || pending.correlationId !== correlationId) {
      const waited =
        pending === undefined ? 'nothing was asked' : `answer ${pending.correlationId} (${pending.api}) was due`
      if (pending !== undefined) {
        if (pending.timer !== null) clearTimeout(pending.timer)
        pending.reject(disconnected(`Broker ${this.address} answered out of turn`))
      }
      this.destroy(disconnected(`Broker ${this.address} sent answer ${correlationId} when ${waited}`))
      return
    }
    if (pending.timer !== null) clearTimeout(pending.timer)
    this.#hint = ''
    this.#lastUsed = performance.now()
    this.#options.traffic?.answered(this.address, frame.length + LENGTH_BYTES, this.#lastUsed - pending.at)
    pending.resolve(from)
    if (this.#retired && this.inFlight === 0) this.close()
  }

  #broken(error: Error): KafkaException {
    const refused = this.#heard ? undefined : lateHandshakeFailure(this.address, error)
    return refused ?? disconnected(`The connection to broker ${this.address} broke: ${error.message}`, error)
  }

  #expired(pending: PendingRequest, ms: number): void {
    this.destroy(timedOut(`Broker ${this.address} did not answer ${pending.api} within ${ms} ms`))
  }
}

/** Moves a raw answer's reader behind the response header. */
export function readBody(api: Pick<Api, 'key' | 'flexibleFrom'>, version: number, from: ByteReader): ByteReader {
  if (hasFlexibleResponseHeader(api, version)) skipTags(from)
  return from
}
