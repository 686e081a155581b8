// The checker finds each kind of fault, and nothing where there is none.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@millrace/testkit'
import type { ReceivedEntry } from '../entries.ts'
import { type CheckInput, check, type Verdict } from './check.ts'

const sent = (seqno: number, task = 0) => ({ name: 's', task, topic: 't', time_ms: 1, seqno })
const acknowledged = (seqno: number, task = 0) => ({ ...sent(seqno, task), committed: true })
const received = (seqno: unknown, offset: number, more: Partial<ReceivedEntry> = {}) => ({
  name: 'k',
  task: 0,
  sinkTask: 0,
  topic: 't',
  partition: 0,
  time_ms: 1,
  seqno,
  offset,
  ...more,
})

async function judge(
  source: readonly object[],
  sink: readonly object[],
  more: Partial<CheckInput> = {},
): Promise<Verdict> {
  await using folder = await temporaryFolder()
  const write = async (name: string, entries: readonly object[]) => {
    await writeFile(folder.file(name), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    return [folder.file(name)]
  }
  return await check({ source: await write('source', source), sink: await write('sink', sink), ...more })
}

const three = [0, 1, 2]

describe('the checker', () => {
  it('finds nothing wrong with a clean run', async () => {
    const verdict = await judge(
      [...three.map((n) => sent(n)), ...three.map((n) => acknowledged(n))],
      three.map((n) => received(n, n)),
      { expected: { tasks: 1, count: 3 } },
    )
    assert.deepEqual(verdict, {
      sent: 3,
      acknowledged: 3,
      received: 3,
      lost: [],
      lostCount: 0,
      duplicatesInKafka: 0,
      redelivered: 0,
      outOfOrderInKafka: 0,
      outOfOrderInSink: 0,
      unknown: 0,
      tornLines: 0,
      problems: [],
    })
  })

  it('finds a record that was acknowledged and did not come', async () => {
    const verdict = await judge([...three.map((n) => sent(n)), acknowledged(1)], [received(0, 0), received(2, 1)])
    assert.deepEqual(verdict.lost, [{ task: 0, seqno: 1 }])
    assert.match(verdict.problems.join(), /1 records lost, the first of them number 1 of task 0/)
  })

  it('does not call lost what was sent and never acknowledged, unless it is expected', async () => {
    const journals = [three.map((n) => sent(n)), [received(0, 0)]] as const
    assert.equal((await judge(...journals)).lostCount, 0)
    const verdict = await judge(...journals, { expected: { tasks: 2, count: 3 } })
    assert.deepEqual([verdict.lostCount, verdict.lost[2]], [5, { task: 1, seqno: 0 }])
  })

  it('misses what came before an acknowledged record when sources have stopped in good order', async () => {
    const journals = [
      [...three.map((n) => sent(n)), acknowledged(2)],
      [received(0, 0), received(2, 1)],
    ] as const
    assert.equal((await judge(...journals)).lostCount, 0)
    assert.deepEqual((await judge(...journals, { gapless: true })).lost, [{ task: 0, seqno: 1 }])
  })

  it('counts what a source sent twice, and what a sink was given twice', async () => {
    const source = three.map((n) => sent(n))
    const sink = [
      received(0, 0),
      received(1, 1),
      received(0, 0),
      received(1, 1),
      received(0, 2),
      received(1, 3),
      received(2, 4),
    ]
    const verdict = await judge(source, sink)
    assert.deepEqual([verdict.duplicatesInKafka, verdict.redelivered, verdict.problems], [2, 2, []])
    assert.match(
      (await judge(source, sink, { exactlyOnce: true })).problems.join(),
      /2 records in Kafka more than once/,
    )
  })

  it('finds what is out of order in Kafka', async () => {
    const verdict = await judge(
      three.map((n) => sent(n)),
      [received(0, 0), received(2, 1), received(1, 2)],
    )
    assert.equal(verdict.outOfOrderInKafka, 1)
    assert.match(verdict.problems.join(), /1 records out of order in Kafka/)
  })

  it('finds a delivery that skipped an offset and came back to it', async () => {
    const verdict = await judge(
      three.map((n) => sent(n)),
      [received(0, 0), received(2, 2), received(1, 1)],
    )
    assert.deepEqual([verdict.outOfOrderInSink, verdict.outOfOrderInKafka], [1, 0])
  })

  it('keeps tasks and partitions apart', async () => {
    const verdict = await judge(
      [...three.map((n) => sent(n)), ...three.map((n) => sent(n, 1))],
      [
        received(1, 0, { partition: 1 }),
        received(0, 0),
        received(0, 1, { task: 1 }),
        received(2, 2),
        received(1, 1, { partition: 1, task: 1 }),
        received(2, 2, { partition: 1, task: 1 }),
      ],
      { expected: { tasks: 2, count: 3 } },
    )
    assert.deepEqual(verdict.problems, [])
  })

  it('reads keys and numbers that came as text, and does not take others for records', async () => {
    const good = await judge([sent(0)], [received('0', 0, { task: '0' })], { expected: { tasks: 1, count: 1 } })
    assert.deepEqual(good.problems, [])
    const bad = await judge([sent(0)], [received('x', 0), received(7, 1)])
    assert.match(bad.problems.join(), /2 records that no source sent/)
  })

  it('passes over torn lines and flushed ones, and counts the torn', async () => {
    await using folder = await temporaryFolder()
    const lines = [JSON.stringify(received(0, 0)), '{"name":"k","ta', '', JSON.stringify(received(1, 1))]
    await writeFile(folder.file('sink'), lines.join('\n'))
    await writeFile(folder.file('flushed'), JSON.stringify(received(1, 1, { flushed: true })))
    const verdict = await check({
      sink: [folder.file('sink'), folder.file('flushed')],
      expected: { tasks: 1, count: 2 },
    })
    assert.deepEqual([verdict.tornLines, verdict.redelivered, verdict.problems], [1, 0, []])
  })

  it('holds millions of numbers', async () => {
    const entries = Array.from({ length: 20_000 }, (_, n) => received(n * 100, n))
    const verdict = await judge([], entries, { expected: { tasks: 1, count: 2_000_000 } })
    assert.equal(verdict.lostCount, 1_980_000)
    assert.equal(verdict.lost.length, 100)
  })
})
