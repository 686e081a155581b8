// A bare client for tests: one connection, requests written from the protocol's own definitions, nothing clever.
import { connect, type Socket } from 'node:net'
import {
  type Api,
  ByteReader,
  decodeResponse,
  encodeRequest,
  type RequestOf,
  type ResponseOf,
} from '@millrace/kafka/protocol'

/** See the head of this file. */
export class RawClient {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (frame: Buffer) => void>()
  readonly #failed: ((error: Error) => void)[] = []
  #rest = Buffer.alloc(0)
  #nextId = 1
  /** Resolves when the broker has ended the connection. */
  readonly closed: Promise<void>

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#received(chunk))
    socket.on('error', () => {})
    this.closed = new Promise((resolve) =>
      socket.on('close', () => {
        for (const fail of this.#failed) fail(new Error('the broker closed the connection'))
        resolve()
      }),
    )
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(new RawClient(socket)))
      socket.once('error', reject)
    })
  }

  /** Sends a request in `version` (default: the newest) and reads its answer. */
  send<A extends Api>(api: A, request: RequestOf<A>, version: number = api.maxVersion): Promise<ResponseOf<A>> {
    const correlationId = this.#nextId++
    this.write(encodeRequest(api, version, { correlationId, clientId: 'test' }, request))
    return new Promise((resolve, reject) => {
      this.#failed.push(reject)
      this.#waiting.set(correlationId, (frame) =>
        resolve(decodeResponse(api, version, new ByteReader(frame, 4)) as ResponseOf<A>),
      )
    })
  }

  /** Gives the answer with this correlation id, from that id on. */
  expect(correlationId: number, answered: (frame: Buffer) => void): void {
    this.#waiting.set(correlationId, answered)
  }

  /** Sends bytes as they are. */
  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  close(): void {
    this.#socket.destroy()
  }

  #received(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= 4) {
      const size = this.#rest.readInt32BE(0)
      if (this.#rest.length < size + 4) return
      const frame = Buffer.from(this.#rest.subarray(4, size + 4))
      this.#rest = this.#rest.subarray(size + 4)
      const id = frame.readInt32BE(0)
      this.#waiting.get(id)?.(frame)
      this.#waiting.delete(id)
    }
  }
}
