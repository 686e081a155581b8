// Memberships of whole groups, on every broker: who runs what after joins, leaves, crashes and changes of configuration.
import assert from 'node:assert/strict'
import { afterEach, it } from 'node:test'
import { onEveryBroker, until } from '@millrace/testkit'
import type { ConfigView } from './index.ts'
import { MembershipWorker, type MembershipWorkerOptions } from './testing/membership-worker.ts'

let groups = 0

onEveryBroker('worker group member', {}, (broker) => {
  let workers: MembershipWorker[] = []
  let config = configOf(5, { a: 2, b: 2 })
  let groupId = ''

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    workers = []
  })

  function begin(first: ConfigView): void {
    config = first
    groupId = `members-${process.pid}-${Date.now()}-${groups++}`
  }
  function add(options: Partial<MembershipWorkerOptions> = {}): MembershipWorker {
    const url = `http://worker-${workers.length}:8083/`
    const worker = new MembershipWorker({
      bootstrap: broker().bootstrap,
      groupId,
      url,
      config: () => config,
      ...options,
    })
    workers.push(worker)
    return worker
  }
  /** Everything runs exactly once, evenly, and everybody is at rest. */
  async function balanced(among: readonly MembershipWorker[]): Promise<void> {
    const all = [...config.connectors()].flatMap((one) => [
      one,
      ...[...config.tasks(one)].map((t) => `${one}-${t.task}`),
    ])
    const look = () => among.map((worker) => worker.names)
    await until(`${all.length} pieces of work run once among ${among.length}`, () => {
      const failure = among.find((worker) => worker.failure !== undefined)?.failure
      if (failure !== undefined) assert.fail(String(failure))
      const counts = look().map((names) => names.length)
      const even = Math.max(...counts) - Math.min(...counts) <= 2
      return even && look().flat().sort().join() === all.sort().join() && among.every((one) => !one.member.rejoinNeeded)
    }).catch((error) => {
      throw new Error(
        `${String(error)}\n${among.map((one) => `${one.names.join(' ')}: ${one.events.join('; ')}`).join('\n')}`,
      )
    })
  }

  for (const mode of ['sessioned', 'compatible', 'eager'] as const) {
    it(`shares work out, and again as workers come, go and die (${mode})`, async () => {
      begin(configOf(5, { a: 2, b: 2, c: 3 }))
      const first = add({ mode })
      await balanced([first])
      assert.ok(first.member.isLeader)
      assert.equal(first.member.protocolVersion, { eager: 0, compatible: 1, sessioned: 2 }[mode])
      const second = add({ mode, sessionTimeoutMs: 6_000 })
      await balanced([first, second])
      assert.equal(first.member.generation, second.member.generation)
      assert.equal(second.member.leaderUrl, 'http://worker-0:8083/')
      const [owned] = second.names.filter((name) => /^.$/.test(name))
      assert.equal(first.member.connectorUrl(owned!), 'http://worker-1:8083/')
      assert.equal(second.member.connectorUrl(owned!), null)
      const third = add({ mode })
      await balanced([first, second, third])
      await third.stop()
      await balanced([first, second])
      await first.stop()
      await balanced([second])
      assert.ok(second.member.isLeader)
    })
  }

  it('takes over from a worker that died when its session is over', async () => {
    begin(configOf(5, { a: 2, b: 2 }))
    const first = add()
    const second = add({ sessionTimeoutMs: 6_000 })
    await balanced([first, second])
    await second.crash()
    await balanced([first])
  })

  it('gives new work out and takes deleted work away without touching the rest', async () => {
    begin(configOf(5, { a: 2, b: 2 }))
    const group = [add(), add()]
    await balanced(group)
    const before = group.map((one) => one.events.length)
    config = configOf(9, { a: 2, b: 2, c: 2 })
    for (const one of group) one.configChanged()
    await balanced(group)
    for (const [at, one] of group.entries()) {
      assert.deepEqual(
        one.events.slice(before[at]).filter((event) => event.startsWith('revoked')),
        [],
      )
    }
    config = configOf(12, { b: 2, c: 2 })
    for (const one of group) one.configChanged()
    await balanced(group)
    const revoked = group
      .flatMap((one, at) => one.events.slice(before[at]))
      .filter((event) => event.startsWith('revoked'))
      .flatMap((event) => event.split(' ').slice(1))
    // What is left may move once, to be balanced again; what was deleted is stopped wherever it ran.
    assert.deepEqual(revoked.sort(), [...new Set(revoked)].sort())
    assert.ok(['a', 'a-0', 'a-1'].every((gone) => revoked.includes(gone)))
  })

  it('moves a group from eager to cooperative and back as workers are replaced', async () => {
    begin(configOf(5, { a: 2, b: 2 }))
    const old = add({ mode: 'eager' })
    const young = add({ mode: 'sessioned' })
    await balanced([old, young])
    assert.equal(young.member.protocolVersion, 0)
    await old.stop()
    await balanced([young])
    assert.equal(young.member.protocolVersion, 2)
    const again = add({ mode: 'eager' })
    await balanced([young, again])
    assert.equal(young.member.protocolVersion, 0)
  })
})

/** A configuration at an offset: connectors and their numbers of tasks. */
function configOf(offset: number, connectors: Readonly<Record<string, number>>): ConfigView {
  return {
    offset,
    connectors: () => Object.keys(connectors),
    tasks: (connector) => Array.from({ length: connectors[connector] ?? 0 }, (_, task) => ({ connector, task })),
  }
}
