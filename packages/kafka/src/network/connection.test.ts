// A connection against a peer that answers as the test says: order, faults, and peers that are no Kafka.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { until } from '@millrace/testkit'
import {
  ApiVersions,
  ByteReader,
  ErrorCode,
  encodeResponse,
  FindCoordinator,
  readRequestHeader,
} from '../protocol/index.ts'
import { PLAINTEXT } from '../security/security.ts'
import { connect } from './connect.ts'
import type { Connection } from './connection.ts'
import { FrameReader } from './frames.ts'

/** A request as the peer sees it. */
interface Seen {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly socket: Socket
}

const FLEXIBLE = new Map([
  [ApiVersions.key, ApiVersions.flexibleFrom],
  [FindCoordinator.key, FindCoordinator.flexibleFrom],
])
const RANGES = [
  { apiKey: ApiVersions.key, minVersion: 0, maxVersion: 3 },
  { apiKey: FindCoordinator.key, minVersion: 0, maxVersion: 4 },
]

describe('connection', () => {
  let server: Server | undefined
  const sockets = new Set<Socket>()
  const opened: Connection[] = []
  afterEach(async () => {
    for (const connection of opened.splice(0)) connection.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)))
  })

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      onSocket(socket)
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  async function open(port: number, more: { requestTimeoutMs?: number; maxIdleMs?: number } = {}): Promise<Connection> {
    const options = { clientId: 'me', requestTimeoutMs: 5_000, connectTimeoutMs: 2_000, security: PLAINTEXT }
    const connection = await connect('127.0.0.1', port, { ...options, ...more })
    opened.push(connection)
    return connection
  }
  /** A broker that answers ApiVersions itself and leaves the rest to the test. */
  function broker(onRequest: (seen: Seen) => void): Promise<number> {
    return listen((socket) => {
      const frames = new FrameReader(1 << 20, (frame) => {
        const header = readRequestHeader(new ByteReader(frame), (key) => FLEXIBLE.get(key))
        if (header.apiKey !== ApiVersions.key) onRequest({ ...header, socket })
        else {
          const body = { errorCode: 0, apiKeys: RANGES, throttleTimeMs: 0 }
          socket.write(encodeResponse(ApiVersions, header.apiVersion, header.correlationId, body))
        }
      })
      socket.on('data', (chunk) => frames.push(chunk))
    })
  }
  const answer = ({ apiVersion, correlationId, socket }: Seen, nodeId: number) => {
    const coordinators = [{ key: 'g', nodeId, host: 'h', port: 1, errorCode: 0, errorMessage: null }]
    socket.write(encodeResponse(FindCoordinator, apiVersion, correlationId, { coordinators }))
  }
  const ask = (connection: Connection) => connection.send(FindCoordinator, { coordinatorKeys: ['g'] })

  it('pipelines requests and gives each its own answer, in the highest common version', async () => {
    const waiting: Seen[] = []
    const port = await broker((seen) => {
      waiting.push(seen)
      if (waiting.length === 3) for (const [at, one] of waiting.entries()) answer(one, at)
    })
    const connection = await open(port)
    const answers = await Promise.all([ask(connection), ask(connection), ask(connection)])
    assert.deepEqual(
      answers.map((one) => one.coordinators[0]?.nodeId),
      [0, 1, 2],
    )
    assert.deepEqual(
      waiting.map((one) => one.apiVersion),
      [4, 4, 4],
    )
    assert.equal(waiting[0]?.clientId, 'me')
    assert.equal(connection.inFlight, 0)
  })

  it('rejects everything under way once when the peer goes, and everything after', async () => {
    const port = await broker(({ socket }) => socket.destroy())
    const connection = await open(port)
    let closes = 0
    connection.onClose(() => closes++)
    const outcomes = await Promise.allSettled([ask(connection), ask(connection)])
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected')
      assert.equal(outcome.reason.name, 'DisconnectException')
      assert.equal(outcome.reason.retriable, true)
      assert.match(outcome.reason.message, new RegExp(`127\\.0\\.0\\.1:${port}`))
    }
    assert.equal(connection.closed, true)
    await assert.rejects(ask(connection), { name: 'DisconnectException' })
    assert.equal(closes, 1)
  })

  it('says what a close at the first request may mean, and no more once the peer has answered', async () => {
    let answers = 0
    const port = await broker((seen) => (answers-- > 0 ? answer(seen, 1) : seen.socket.destroy()))
    await assert.rejects(ask(await open(port)), /wants authentication .*security\.protocol to SASL_PLAINTEXT/)
    answers = 1
    const connection = await open(port)
    await ask(connection)
    await assert.rejects(ask(connection), (error: Error) => !/authentication/.test(error.message))
  })

  it('gives up a peer that does not answer in time', async () => {
    const connection = await open(await broker(() => {}), { requestTimeoutMs: 50 })
    await assert.rejects(ask(connection), {
      name: 'TimeoutException',
      retriable: true,
      message: /FindCoordinator within 50 ms/,
    })
    assert.equal(connection.closed, true)
  })

  it('does not take an answer for another', async () => {
    const port = await broker((seen) => answer({ ...seen, correlationId: seen.correlationId + 7 }, 1))
    const connection = await open(port)
    await assert.rejects(ask(connection), /answered out of turn/)
    assert.equal(connection.closed, true)
  })

  it('says which versions both sides have when they have none in common', async () => {
    const connection = await open(await broker(() => {}))
    const api = { key: FindCoordinator.key, name: 'FindCoordinator', minVersion: 5, maxVersion: 6 }
    assert.throws(() => connection.version(api), {
      name: 'UnsupportedVersionException',
      message: /has versions 0 to 4, this client speaks 5 to 6/,
    })
    assert.throws(() => connection.version({ ...api, key: 99, name: 'Other' }), /asked Other: it does not have it/)
  })

  it('learns the versions of a broker that does not know its version of the question', async () => {
    const asked: number[] = []
    const port = await listen((socket) => {
      const frames = new FrameReader(1 << 20, (frame) => {
        const { apiVersion, correlationId } = readRequestHeader(new ByteReader(frame), (key) => FLEXIBLE.get(key))
        asked.push(apiVersion)
        const errorCode = apiVersion > 0 ? ErrorCode.UNSUPPORTED_VERSION : ErrorCode.NONE
        socket.write(encodeResponse(ApiVersions, 0, correlationId, { errorCode, apiKeys: RANGES }))
      })
      socket.on('data', (chunk) => frames.push(chunk))
    })
    const connection = await open(port)
    assert.deepEqual(asked, [ApiVersions.maxVersion, 0])
    assert.equal(connection.version(FindCoordinator), 4)
  })

  it('recognizes a TLS peer and a web server by their first bytes', async () => {
    const alert = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50])
    const secure = await listen((socket) => socket.once('data', () => socket.end(alert)))
    await assert.rejects(open(secure), {
      name: 'SslAuthenticationException',
      retriable: false,
      message: /answered in TLS.*set security\.protocol to SSL/,
    })
    await new Promise((resolve) => server?.close(resolve))
    const web = await listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    await assert.rejects(open(web), /answered in HTTP.*port of a web server/)
  })

  it('says that nobody listens', async () => {
    const port = await listen(() => {})
    await new Promise((resolve) => server?.close(resolve))
    await assert.rejects(open(port), {
      name: 'DisconnectException',
      retriable: true,
      message: new RegExp(`^Cannot connect to broker 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`),
    })
  })

  it('expires when idle for too long, and after a session, but not with a request under way', async () => {
    let held: Seen | undefined
    const port = await broker((seen) => {
      held = seen
    })
    const connection = await open(port, { maxIdleMs: 0 })
    assert.equal(connection.expiring, true)
    const asked = ask(connection)
    assert.equal(connection.expiring, false)
    await until('the request is there', async () => held !== undefined)
    connection.retire()
    assert.equal(connection.closed, false)
    answer(held as Seen, 1)
    await asked
    assert.equal(connection.closed, true)
    const other = await open(port)
    assert.equal(other.expiring, false)
    other.limitSession(1)
    await until('the session is over', async () => other.expiring)
  })
})
