// A proxy that understands the Kafka protocol, and puts error codes into answers: a broker that refuses, as often as a test wants.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import {
  type Api,
  ByteReader,
  decodeResponse,
  encodeResponse,
  Fetch,
  FindCoordinator,
  Heartbeat,
  InitProducerId,
  JoinGroup,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  Produce,
  readRequestHeader,
  SyncGroup,
} from '@millrace/kafka/protocol'

/** APIs whose answers can be spoilt. */
export const SPOILABLE = [
  Produce,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  FindCoordinator,
  JoinGroup,
  SyncGroup,
  Heartbeat,
  InitProducerId,
] as const
const BY_KEY = new Map<number, Api>(SPOILABLE.map((api) => [api.key, api as Api]))
/** Kept from the broker, these do nothing there; the answer is then made here, out of the request. */
const WITHHELD = new Set<number>([Produce.key, OffsetCommit.key])

/** What to do with one request. */
export interface Spoiling {
  readonly code: number
  /** The broker never gets the request. Otherwise it does what it was asked to, and only its answer is changed. */
  readonly withheld: boolean
}

/** Decides about each request of the APIs in {@link SPOILABLE}; null lets it pass untouched. */
export type Script = (api: string) => Spoiling | null

/** A request that has not been answered; answers leave in the order of requests. */
interface Asked {
  readonly api: Api | undefined
  readonly version: number
  readonly correlationId: number
  readonly spoiling: Spoiling | null
  answer: Buffer | null
}

/** A proxy in front of one broker, which must advertise the proxy's address. */
export class ProtocolProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: { readonly host: string; readonly port: number } | null = null
  /** Null as long as nothing is to be spoilt. */
  script: Script | null = null

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (client) => this.#accept(client))
  }

  static async start(): Promise<ProtocolProxy> {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return new ProtocolProxy(server)
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
  set target(address: string) {
    const [host, port] = address.split(':') as [string, string]
    this.#target = { host, port: Number(port) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    if (this.#target === null) {
      client.destroy()
      return
    }
    const server = connect(this.#target)
    const asked: Asked[] = []
    const flush = () => {
      for (let first = asked[0]; first !== undefined && first.answer !== null; first = asked[0]) {
        client.write(first.answer)
        asked.shift()
      }
    }
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on(
      'data',
      frames((frame) => {
        const one = this.#asked(frame)
        // With acks=0 nobody answers; nothing here sends that.
        asked.push(one)
        if (one.answer === null) server.write(frame)
        flush()
      }),
    )
    server.on(
      'data',
      frames((frame) => {
        const correlationId = frame.readInt32BE(4)
        const one = asked.find((waiting) => waiting.correlationId === correlationId)
        if (one === undefined) throw new Error(`An answer to nothing that was asked: ${correlationId}`)
        one.answer = spoilt(one, frame)
        flush()
      }),
    )
  }

  #asked(frame: Buffer): Asked {
    const from = new ByteReader(frame, 4)
    const { apiKey, apiVersion, correlationId } = readRequestHeader(from, (key) => BY_KEY.get(key)?.flexibleFrom)
    const api = BY_KEY.get(apiKey)
    const spoiling = api === undefined ? null : (this.script?.(api.name) ?? null)
    const one: Asked = { api, version: apiVersion, correlationId, spoiling, answer: null }
    if (api !== undefined && spoiling?.withheld && WITHHELD.has(api.key)) {
      const made = answerTo(api.request(apiVersion).read(from) as Json, api)
      one.answer = encodeResponse(api, apiVersion, correlationId, spoil(made, spoiling.code))
    }
    return one
  }
}

type Json = { readonly [key: string]: unknown }

/** The answer of the broker, with the error code in every place that has one. */
function spoilt({ api, version, correlationId, spoiling }: Asked, frame: Buffer): Buffer {
  if (api === undefined || spoiling === null) return frame
  const answer = decodeResponse(api, version, new ByteReader(frame, 8)) as Json
  // A fetch fails as a whole, or partition by partition: here it is the partitions, without their records.
  const skip = api === Fetch && answer.errorCode === 0 ? ['errorCode'] : []
  return encodeResponse(api, version, correlationId, spoil(answer, spoiling.code, skip))
}

/** Puts `code` into each field that holds an error code, however deep, and takes away what comes with success only. */
function spoil(value: Json, code: number, skip: readonly string[] = []): Json {
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key === 'errorCode') return [key, skip.includes(key) ? inner : code]
    if (key === 'records') return [key, null]
    if (key === 'baseOffset') return [key, -1]
    if (Array.isArray(inner)) return [key, inner.map((one) => (isStruct(one) ? spoil(one, code) : one))]
    return [key, inner]
  })
  return Object.fromEntries(entries)
}

function isStruct(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value)
}

/** What the broker would have answered to a request that it never got, with room for error codes. */
function answerTo(request: Json, api: Api): Json {
  if (api.key === Produce.key) {
    const { topicData } = request as unknown as {
      topicData: { name: string; partitionData: { index: number }[] }[]
    }
    const responses = topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index }) => ({ index, errorCode: 0, baseOffset: -1, recordErrors: [] })),
    }))
    return { responses, throttleTimeMs: 0 }
  }
  const { topics } = request as unknown as { topics: { name: string; partitions: { partitionIndex: number }[] }[] }
  return {
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 0 })),
    })),
  }
}

/** Cuts a stream into frames, their length included. */
function frames(take: (frame: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    while (rest.length >= 4 && rest.length >= rest.readInt32BE(0) + 4) {
      const end = rest.readInt32BE(0) + 4
      take(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  }
}
