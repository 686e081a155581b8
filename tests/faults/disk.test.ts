// A full disk under the sink's file, the offset file, and the broker's log: work waits for room, then goes on, and nothing is lost.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { onEveryBroker, startEmbeddedBroker, temporaryFolder, until } from '@millrace/testkit'
import { Flow } from './flow.ts'
import { SmallDisk } from './small-disk.ts'

const skip = await SmallDisk.whyNot()
if (skip !== undefined) console.error(`Skipped: full disks, because ${skip}`)

const PATIENCE = { timeoutMs: 60_000, everyMs: 50 }
const AMPLE_KIB = 256 * 1024

async function wellAtTheEnd(flow: Flow): Promise<void> {
  const { problems, lost, acknowledged } = await flow.finish()
  assert.deepEqual([problems, lost], [[], []])
  assert.ok(acknowledged > 1_000, 'enough was sent for the check to mean something')
}

onEveryBroker('a full disk', {}, (broker) => {
  it("under the sink's file: the batch is delivered again until it fits", { skip }, async () => {
    await using folder = await temporaryFolder('millrace-full-')
    await using disk = await SmallDisk.mount(16)
    await using flow = await Flow.start(folder, broker().bootstrap, { sink: { file: disk.file('received.jsonl') } })
    const refusals = () => count(flow.lastOutput(1_000_000), /to be delivered again/g)
    await until('the sink asks for its batch again, and again', () => refusals() > 2, PATIENCE)
    assert.match(flow.lastOutput(), /ENOSPC/)
    await disk.resize(AMPLE_KIB)
    await flow.flows()
    await wellAtTheEnd(flow)
  })

  it("under the sink's file, which is killed there: what was not written is delivered after the start", {
    skip,
  }, async () => {
    await using folder = await temporaryFolder('millrace-full-')
    await using disk = await SmallDisk.mount(256)
    await using flow = await Flow.start(folder, broker().bootstrap, { sink: { file: disk.file('received.jsonl') } })
    await until('the sink is stuck', () => /to be delivered again/.test(flow.lastOutput(1_000_000)), PATIENCE)
    await flow.kill()
    await disk.resize(AMPLE_KIB)
    await flow.restart()
    await flow.flows()
    await wellAtTheEnd(flow)
  })

  it('under the offset file: records flow on, and offsets are stored when there is room', { skip }, async () => {
    await using folder = await temporaryFolder('millrace-full-')
    await using disk = await SmallDisk.mount(16)
    await using flow = await Flow.start(folder, broker().bootstrap, {
      worker: { 'offset.storage.file.filename': disk.file('offsets'), 'offset.flush.interval.ms': 10 },
    })
    const refused = /Cannot write the offset file .*ENOSPC/
    await until('an offset is refused', () => refused.test(flow.lastOutput(1_000_000)), PATIENCE)
    await flow.flows()
    const before = await flow.offsets('source')
    await disk.resize(AMPLE_KIB)
    await until('offsets are stored again', async () => (await flow.offsets('source')) !== before, PATIENCE)
    await flow.kill()
    await flow.restart()
    await flow.flows()
    await wellAtTheEnd(flow)
  })
})

describe("a full disk under the embedded broker's log", () => {
  for (const killed of [false, true]) {
    it(killed ? 'which is killed there' : 'until there is room', { skip }, async () => {
      await using folder = await temporaryFolder('millrace-full-')
      await using disk = await SmallDisk.mount(512)
      await using broker = await startEmbeddedBroker({ dataFolder: disk.path })
      await using flow = await Flow.start(folder, broker.bootstrap)
      const log = () => readFileSync(join(broker.folder!, 'broker.log'), 'utf8')
      await until('the broker refuses', () => /ENOSPC/.test(log()), PATIENCE)
      if (killed) await broker.kill()
      await disk.resize(AMPLE_KIB)
      if (killed) await broker.restart()
      await flow.flows()
      await wellAtTheEnd(flow)
    })
  }
})

function count(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0
}
