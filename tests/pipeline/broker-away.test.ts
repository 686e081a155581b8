// A worker without its broker: it stays up and answers, says what it waits for, and loses nothing when the broker comes.
import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { brokers, FaultProxy, startBehindProxy } from '@millrace/testkit'
import { WorkerUnderTest } from './harness.ts'

// An own Apache Kafka takes its time to start: the shared one cannot be stopped. The proxy stands for either.
const embedded = brokers().find((one) => one.name === 'embedded')!

describe('a worker without its broker', () => {
  it('starts, answers, waits; its pipeline flows when the broker comes, and again after it died', async () => {
    await using proxied = await startBehindProxy(embedded)
    const { broker, proxy } = proxied
    await broker.kill()
    await using worker = await WorkerUnderTest.start(proxy.address, { 'offset.flush.interval.ms': '100' })
    const [file, out, topic] = [worker.folder.file('in.txt'), worker.folder.file('out.txt'), worker.unique('waits')]
    const short = { 'consumer.override.session.timeout.ms': '6000', 'consumer.override.heartbeat.interval.ms': '500' }
    writeFileSync(file, 'one\n')
    await worker.create('in', { 'connector.class': 'FileStreamSource', file, topic })
    await worker.create('out', { 'connector.class': 'FileStreamSink', topics: topic, file: out, ...short })
    const { connector } = await worker.status('in')
    assert.equal(connector.state, 'RUNNING')
    assert.equal((await worker.call('GET', '/connectors')).status, 200)
    await worker.wait('the log says what is missing', () =>
      worker.logged().some((line) => JSON.stringify(line).includes(proxy.address) && line.level !== 'INFO'),
    )

    await broker.restart()
    await worker.fileIs(out, 'one\n')
    await worker.tasksIn('in', 'RUNNING')

    await broker.kill()
    appendFileSync(file, 'two\n')
    assert.equal((await worker.call('GET', '/connectors/out/status')).status, 200)
    await broker.restart()
    await worker.fileIs(out, 'one\ntwo\n')
    const warned = worker.logged().filter((line) => line.level === 'WARN' || line.level === 'ERROR')
    assert.ok(warned.length < 100, `${warned.length} warnings for two outages`)
  })

  it('meets a TLS port without TLS: the log says exactly that', async () => {
    const sockets = new Set<Socket>()
    // What a TLS server answers to anything that is no handshake: a fatal alert.
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 0x46])))
    })
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    )
    try {
      await using worker = await WorkerUnderTest.start(`127.0.0.1:${port}`)
      await worker.create('out', { 'connector.class': 'FileStreamSink', topics: 't', file: worker.folder.file('o') })
      await worker.wait('the log names TLS', () =>
        worker.logged().some((line) => /TLS|SSL/.test(JSON.stringify(line)) && line.level !== 'INFO'),
      )
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })

  it('speaks TLS to a plaintext port: the log says exactly that', async () => {
    await using proxy = await startBehindProxy(embedded)
    await using worker = await WorkerUnderTest.start(proxy.broker.bootstrap, {
      'security.protocol': 'SSL',
      'consumer.security.protocol': 'SSL',
    })
    await worker.create('out', { 'connector.class': 'FileStreamSink', topics: 't', file: worker.folder.file('o') })
    await worker.wait('the log names plaintext', () =>
      worker.logged().some((line) => /plaintext/i.test(JSON.stringify(line)) && line.level !== 'INFO'),
    )
  })

  it('ends at once when told to, broker or not', async () => {
    await using proxy = await FaultProxy.start()
    const worker = await WorkerUnderTest.start(proxy.address)
    await worker.create('out', { 'connector.class': 'FileStreamSink', topics: 't', file: worker.folder.file('o') })
    const began = performance.now()
    await worker.end()
    const took = performance.now() - began
    await worker[Symbol.asyncDispose]()
    await proxy.close()
    assert.ok(took < 8_000, `took ${Math.round(took)} ms`)
  })
})
