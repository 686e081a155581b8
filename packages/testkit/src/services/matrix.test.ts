// The same suite on every broker: it answers, and what it keeps outlives kill -9.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { startEmbeddedBroker } from './embedded.ts'
import { FaultProxy } from './fault-proxy.ts'
import { brokers, onEveryBroker, startBehindProxy } from './matrix.ts'

const run = promisify(execFile)
const kcat = (...args: string[]) => run('kcat', args, { timeout: 20_000 })
const noKcat = await kcat('-V').then(
  () => undefined,
  () => 'kcat is not installed',
)

onEveryBroker('a broker of its own', { own: true }, (broker) => {
  it('keeps what it acknowledged over kill -9 and a new start', { skip: noKcat }, async () => {
    const { bootstrap } = broker()
    const produce = run('sh', ['-c', `echo kept | kcat -b ${bootstrap} -P -t kept -X acks=all`], { timeout: 20_000 })
    await produce
    await broker().kill()
    await broker().restart()
    const { stdout } = await kcat('-b', bootstrap, '-C', '-t', 'kept', '-e', '-q')
    assert.equal(stdout, 'kept\n')
  })

  it('can be paused', async () => {
    broker().pause()
    broker().resume()
    const [host, port] = broker().bootstrap.split(':') as [string, string]
    const socket = connect(Number(port), host)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    socket.destroy()
  })
})

for (const backend of brokers()) {
  const skip = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? noKcat : (backend.missing ?? noKcat)
  it(`all clients of ${backend.title} behind a proxy go through the proxy`, { skip }, async () => {
    await using it = await startBehindProxy(backend)
    await run('sh', ['-c', `echo through | kcat -b ${it.broker.bootstrap} -P -t proxied`], { timeout: 20_000 })
    const { stdout } = await kcat('-b', it.broker.bootstrap, '-L', '-t', 'proxied')
    assert.match(stdout, new RegExp(`broker \\d+ at ${it.proxy.address}`))
    assert.ok(it.proxy.bytes.toServer > 0 && it.proxy.bytes.toClient > 0)
  })
}

describe('the embedded broker in this process', () => {
  it('starts in milliseconds, and keeps its data over a new start', { skip: noKcat }, async () => {
    await using broker = await startEmbeddedBroker({ inProcess: true, properties: { 'num.partitions': '2' } })
    await run('sh', ['-c', `echo x | kcat -b ${broker.bootstrap} -P -t here`], { timeout: 20_000 })
    await broker.restart()
    const { stdout } = await kcat('-b', broker.bootstrap, '-L', '-t', 'here')
    assert.match(stdout, /topic "here" with 2 partitions/)
  })

  it('can be neither killed nor stand behind a proxy', async () => {
    await using broker = await startEmbeddedBroker({ inProcess: true })
    await assert.rejects(broker.kill(), /cannot be killed/)
    await using proxy = await FaultProxy.start()
    await assert.rejects(startEmbeddedBroker({ inProcess: true, advertised: proxy.address }), /behind a proxy/)
  })
})
