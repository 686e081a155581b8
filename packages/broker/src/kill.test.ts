// kill -9 of the broker process at arbitrary moments of a stream of batches: whatever was acknowledged is there, in order, once.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { AddPartitionsToTxn, EndTxn, ErrorCode, InitProducerId } from '@millrace/kafka/protocol'
import { createTopic, fetchOne, produce } from './testing/harness.ts'
import { RawClient } from './testing/raw-client.ts'
import { temporaryFolder } from './testing/temporary.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const ROUNDS = 5

async function startProcess(dataDir: string) {
  const child = spawn(
    process.execPath,
    [MAIN, '--data-dir', dataDir, '--port', '0', '--set', 'log.segment.bytes=20000'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { port } = JSON.parse(line.toString()) as { port: number }
  const client = await RawClient.connect(port)
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
    client.close()
  }
  return { client, kill, child }
}

test('an idempotent stream goes through kills of the broker with nothing lost, doubled or out of order', async (t) => {
  const dataDir = temporaryFolder(t)
  let process_ = await startProcess(dataDir)
  t.after(() => process_.child.kill('SIGKILL'))
  await createTopic(process_.client, 'a')
  const anonymous = { transactionalId: null, transactionTimeoutMs: 0 }
  const { producerId, producerEpoch } = await process_.client.send(InitProducerId, anonymous)
  let next = 0
  let acknowledged = 0
  for (let round = 0; round < ROUNDS; round++) {
    const killAt = next + 30 + round * 17
    let dying: Promise<void> | undefined
    for (;;) {
      if (next === killAt) dying = process_.kill()
      const values = [0, 1, 2].map((i) => ({ value: `${next * 3 + i} ${'x'.repeat(100)}` }))
      try {
        const sent = await produce(process_.client, 'a', values, { producerId, producerEpoch, baseSequence: next * 3 })
        assert.equal(sent.errorCode, ErrorCode.NONE)
        assert.equal(sent.baseOffset, next * 3)
        next++
        acknowledged = next * 3
      } catch (error) {
        // Cut off: whether this batch was stored is not known. It is sent again, and recognized if it was.
        if (error instanceof assert.AssertionError) throw error
        break
      }
    }
    await dying
    process_ = await startProcess(dataDir)
  }
  const values: number[] = []
  while (values.length < acknowledged) {
    const got = await fetchOne(process_.client, 'a', { offset: values.length })
    if (got.values.length === 0) break
    values.push(...got.values.map((v) => Number(v.split(' ')[0])))
  }
  assert.ok(values.length >= acknowledged, `${acknowledged} acknowledged, ${values.length} found`)
  assert.deepEqual(values, [...values.keys()])
  await process_.kill()
})

test('transactions go through kills whole or not at all', async (t) => {
  const dataDir = temporaryFolder(t)
  let process_ = await startProcess(dataDir)
  t.after(() => process_.child.kill('SIGKILL'))
  await createTopic(process_.client, 'a', 2)
  const committed = new Set<string>()
  const maybe = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    const { client } = process_
    const who = await client.send(InitProducerId, { transactionalId: 'tx', transactionTimeoutMs: 60_000 })
    assert.equal(who.errorCode, ErrorCode.NONE)
    const { producerId, producerEpoch } = who
    let dying: Promise<void> | undefined
    try {
      for (let n = 0; ; n++) {
        if (n === 5 + round) dying = process_.kill()
        const value = `${round}-${n}`
        const added = await client.send(
          AddPartitionsToTxn,
          {
            transactions: [],
            v3AndBelowTransactionalId: 'tx',
            v3AndBelowProducerId: producerId,
            v3AndBelowProducerEpoch: producerEpoch,
            v3AndBelowTopics: [{ name: 'a', partitions: [0, 1] }],
          },
          3,
        )
        assert.equal(added.resultsByTopicV3AndBelow[0]?.resultsByPartition[1]?.partitionErrorCode, ErrorCode.NONE)
        for (const index of [0, 1]) {
          const options = { index, producerId, producerEpoch, baseSequence: n, transactional: true }
          assert.equal((await produce(client, 'a', [{ value }], options)).errorCode, ErrorCode.NONE)
        }
        const commit = n % 3 !== 2
        if (commit) maybe.add(value)
        const request = { transactionalId: 'tx', producerId, producerEpoch, committed: commit }
        assert.equal((await client.send(EndTxn, request, 4)).errorCode, ErrorCode.NONE)
        if (commit) committed.add(value)
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
    }
    await dying
    process_ = await startProcess(dataDir)
  }
  await process_.client.send(InitProducerId, { transactionalId: 'tx', transactionTimeoutMs: 60_000 })
  const visible = await Promise.all(
    [0, 1].map(async (partition) => {
      const got = await fetchOne(process_.client, 'a', { partition, committed: true })
      assert.equal(got.lastStableOffset, got.highWatermark)
      const aborted = got.abortedTransactions ?? []
      // Values of aborted transactions are dropped as a consumer does: by producer, from the first offset to its marker.
      return liveValues(got.decoded, aborted, got.records!)
    }),
  )
  assert.deepEqual(visible[0], visible[1])
  for (const value of committed) assert.ok(visible[0]!.includes(value), `${value} was committed and is gone`)
  for (const value of visible[0]!) assert.ok(maybe.has(value), `${value} was never committed`)
  await process_.kill()
})

interface Decoded {
  readonly offset: number
  readonly control: boolean
  readonly value: Buffer | null
}

function liveValues(
  decoded: readonly Decoded[],
  aborted: readonly { producerId: number; firstOffset: number }[],
  bytes: Buffer,
): string[] {
  const starts = new Set(aborted.map((a) => a.firstOffset))
  const commits = new Map<number, boolean>()
  for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 8) + 12) {
    const isControl = (bytes.readInt16BE(at + 21) & 0x20) !== 0
    if (isControl) commits.set(Number(bytes.readBigInt64BE(at)), bytes.readInt16BE(at + 61 + 7) === 1)
  }
  const live: string[] = []
  let open: string[] = []
  let dropping = false
  for (const record of decoded) {
    if (starts.has(record.offset)) dropping = true
    if (!record.control) open.push(String(record.value))
    else {
      const commit = commits.get(record.offset)
      assert.equal(commit, !dropping && commit, 'a transaction listed as aborted ends with an abort marker')
      if (commit === true) live.push(...open)
      open = []
      dropping = false
    }
  }
  return live
}
