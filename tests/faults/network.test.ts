// Connections that break while numbered records flow both ways: cut in mid-batch, stalled, half-closed, refused.
// MILLRACE_FAULT_KILLS sets how often (4), MILLRACE_FAULT_SEED when.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  brokers,
  type Direction,
  type FaultProxy,
  type ProxiedBroker,
  startBehindProxy,
  temporaryFolder,
} from '@millrace/testkit'
import { Flow, randomMoments } from './flow.ts'

const FAULTS = Number(process.env.MILLRACE_FAULT_KILLS ?? 4)
const MOST_BETWEEN_MS = 800
const STALL_MS = 1_500

type Moments = ReturnType<typeof randomMoments>

const NETWORK: Readonly<Record<string, (proxy: FaultProxy, direction: Direction, moments: Moments) => Promise<void>>> =
  {
    'cut in the middle of what is sent': (proxy, direction, moments) =>
      proxy.cutAfter(1 + Math.floor(moments.next() * 20_000), direction),
    'all cut at once': async (proxy) => proxy.cut(),
    'half closed': async (proxy, direction) => proxy.halfClose(direction),
    'stalled for a while, then cut': async (proxy, direction, moments) => {
      proxy.stall(direction)
      await moments.pause(STALL_MS)
      proxy.cut()
      proxy.resume(direction)
    },
    'refused for a while': async (proxy, _direction, moments) => {
      proxy.refuse()
      proxy.cut()
      await moments.pause(STALL_MS)
      proxy.refuse(false)
    },
  }

for (const backend of brokers()) {
  const skip = process.env.MILLRACE_REQUIRE_SERVICES === '1' ? undefined : backend.missing
  describe(`connections to ${backend.title}`, { skip }, () => {
    let proxied: ProxiedBroker | undefined
    before(async () => {
      proxied = await startBehindProxy(backend)
    })
    after(() => proxied?.[Symbol.asyncDispose]())
    for (const [name, fault] of Object.entries(NETWORK)) {
      it(`${name}, ${FAULTS} times`, async (test) => {
        await using folder = await temporaryFolder('millrace-network-')
        const { broker, proxy } = proxied!
        await using flow = await Flow.start(folder, broker.bootstrap)
        const moments = randomMoments()
        test.diagnostic(`seed ${moments.seed}`)
        await flow.flows()
        for (let count = 0; count < FAULTS; count++) {
          await moments.pause(MOST_BETWEEN_MS)
          await fault(proxy, count % 2 === 0 ? 'toServer' : 'toClient', moments)
          await flow.flows()
        }
        const { problems, lost, ...counts } = await flow.finish()
        test.diagnostic(JSON.stringify(counts))
        assert.deepEqual([problems, lost], [[], []])
        assert.ok(counts.acknowledged > 1_000, 'enough was sent for the check to mean something')
      })
    }
  })
}
