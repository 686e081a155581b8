// Memberships when the broker dies, when two processes claim one place, and when the herder's loop hangs; on every broker.
import assert from 'node:assert/strict'
import { afterEach, it } from 'node:test'
import { onEveryBroker, until } from '@millrace/testkit'
import { configView } from './testing/histories.ts'
import { MembershipWorker, type MembershipWorkerOptions } from './testing/membership-worker.ts'

const CONFIG = configView({ offset: 3, connectors: { a: 2, b: 1 } })
const ALL = ['a', 'a-0', 'a-1', 'b', 'b-0']

onEveryBroker('worker group member in trouble', { own: true }, (broker) => {
  let workers: MembershipWorker[] = []
  let groups = 0

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.crash()))
    workers = []
  })

  function add(options: Partial<MembershipWorkerOptions> = {}): MembershipWorker {
    const worker = new MembershipWorker({
      bootstrap: broker().bootstrap,
      groupId: `faults-${groups}`,
      url: `http://worker-${workers.length}:8083/`,
      config: () => CONFIG,
      heartbeatIntervalMs: 200,
      sessionTimeoutMs: 6_000,
      ...options,
    })
    workers.push(worker)
    return worker
  }

  it('lets a second process with the same group.instance.id take its place', async () => {
    groups++
    const first = add({ groupInstanceId: 'one' })
    await until('the first runs all', () => first.running.size === ALL.length)
    const second = add({ groupInstanceId: 'one' })
    await until('the second runs all', () => second.running.size === ALL.length && !second.member.rejoinNeeded)
    await until('the first is told', () => first.failure !== undefined)
    assert.match(String(first.failure), /FENCED_INSTANCE_ID/)
  })

  it('leaves when the loop does not come back in time, and joins again when it does', async () => {
    groups++
    let release: () => void = () => {}
    const hung = new Promise<void>((resolve) => {
      release = resolve
    })
    const worker = add({
      rebalanceTimeoutMs: 500,
      hang: () => (worker.events.includes('assigned in 1') ? hung : undefined),
    })
    await until('it was told', () => worker.events.includes('poll timeout'))
    await until('it left', () => worker.member.generation === -1)
    release()
    await until('it runs all', () => worker.running.size === ALL.length && worker.member.generation > 1)
  })

  it('gives its work up while no coordinator can be reached, and takes it back when there is one again', async () => {
    groups++
    const worker = add()
    await until('it runs all', () => worker.running.size === ALL.length)
    await broker().kill()
    await until('it runs nothing', () => worker.running.size === 0)
    assert.deepEqual(worker.events.at(-1), 'revoked a b a-0 a-1 b-0')
    await broker().restart()
    await until('it runs all again', () => worker.running.size === ALL.length)
    assert.equal(worker.failure, undefined)
  })
})
