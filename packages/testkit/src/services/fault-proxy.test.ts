// Each fault, seen from both ends of a connection.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { until, within } from '../until.ts'
import { FaultProxy } from './fault-proxy.ts'

/** A client and the server's side of its connection, with the proxy between them. */
async function link() {
  const accepted: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    accepted.push(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  const open = async () => {
    const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => {})
    const before = accepted.length
    return { client, far: await until('the server accepts', () => accepted[before]) }
  }
  const { client, far } = await open()
  const received = (socket: Socket) => {
    const got = { text: '', ended: false, closed: false }
    socket.on('data', (bytes) => {
      got.text += bytes
    })
    socket.on('end', () => {
      got.ended = true
    })
    socket.on('close', () => {
      got.closed = true
    })
    return got
  }
  return {
    proxy,
    open,
    client,
    far,
    atServer: received(far),
    atClient: received(client),
    async [Symbol.asyncDispose]() {
      await proxy.close()
      for (const socket of [client, ...accepted]) socket.destroy()
      server.close()
    },
  }
}

describe('the fault proxy', () => {
  it('forwards both ways when nothing is asked of it', async () => {
    await using it = await link()
    const large = 'x'.repeat(3_000_000)
    it.client.write(large)
    it.far.write('answer')
    await until('everything is there', () => it.atServer.text.length === large.length && it.atClient.text === 'answer')
    assert.deepEqual(it.proxy.bytes, { toServer: large.length, toClient: 6 })
    it.client.end()
    await until('the server reads the end', () => it.atServer.ended)
    it.far.end('last words')
    await until('the client reads the rest', () => it.atClient.ended)
    assert.equal(it.atClient.text, 'answerlast words')
    await until('the proxy forgets the connection', () => it.proxy.connections === 0)
  })

  it('cuts in the middle of what is sent, to the byte', async () => {
    await using it = await link()
    const done = it.proxy.cutAfter(700, 'toServer')
    it.client.write('a'.repeat(500))
    it.client.write('b'.repeat(500))
    await within('the cut', 5_000, done)
    await until('both ends hear of it', () => it.atClient.closed && it.atServer.closed)
    assert.equal(it.atServer.text, 'a'.repeat(500) + 'b'.repeat(200))
    const next = await it.open()
    next.client.write('a new connection works')
    const [bytes] = await once(next.far, 'data')
    assert.equal(String(bytes), 'a new connection works')
  })

  it('cuts everything at once', async () => {
    await using it = await link()
    it.proxy.cut()
    await until('both ends hear of it', () => it.atClient.closed && it.atServer.closed)
  })

  it('ends one direction and keeps the other', async () => {
    await using it = await link()
    it.proxy.halfClose('toServer')
    await until('the server reads an end', () => it.atServer.ended)
    it.far.write('still here')
    await until('the client reads on', () => it.atClient.text === 'still here')
    assert.equal(it.atClient.ended, false)
  })

  it('stalls one direction until it is resumed', async () => {
    await using it = await link()
    it.proxy.stall('toClient')
    it.far.write('held')
    it.client.write('passes')
    await until('the other direction goes on', () => it.atServer.text === 'passes')
    assert.equal(it.atClient.text, '')
    it.proxy.resume('toClient')
    await until('what was held comes', () => it.atClient.text === 'held')
  })

  it('delays', async () => {
    await using it = await link()
    it.proxy.delay(60, 'toServer')
    const from = performance.now()
    it.client.write('slow')
    await until('it comes', () => it.atServer.text === 'slow')
    assert.ok(performance.now() - from >= 55)
  })

  it('refuses new connections and keeps the open ones', async () => {
    await using it = await link()
    it.proxy.refuse()
    const refused = connect(it.proxy.port, '127.0.0.1')
    refused.on('error', () => {})
    await until('the refusal', () => refused.destroyed)
    it.client.write('open')
    await until('the open one goes on', () => it.atServer.text === 'open')
  })
})
