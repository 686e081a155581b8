// The partitioner against the Java client's own values, and the sticky choice's shares.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSticky, murmur2, partitionOfKey } from './partitioner.ts'

// From the Java client: Utils.murmur2 of the text's bytes.
const JAVA: readonly [text: string, hash: number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

test('murmur2 gives the Java client values, also for a part of a buffer', () => {
  for (const [text, hash] of JAVA) {
    assert.equal(murmur2(Buffer.from(text)), hash, text)
    assert.equal(murmur2(Buffer.from(`${text}trailing`), text.length), hash, text)
  }
  assert.equal(partitionOfKey(Buffer.from('21'), 2, 10), (-973932308 & 0x7fffffff) % 10)
})

/** Shares of the partitions over evenly spread random numbers. */
function shares(loads: Parameters<typeof chooseSticky>[0], adaptive: boolean): number[] {
  const counts = loads.map(() => 0)
  for (let i = 0; i < 1000; i++) counts[chooseSticky(loads, adaptive, i / 1000)]!++
  return counts
}

const load = (queued: number, available = true) => ({ queued, available })

test('partitions with equal queues get equal shares', () => {
  assert.deepEqual(shares([load(3), load(3), load(3), load(3)], true), [250, 250, 250, 250])
})

test('a long queue gets less, and none less than a share', () => {
  assert.deepEqual(shares([load(0), load(4), load(3), load(1)], true), [417, 83, 167, 333])
  assert.deepEqual(shares([load(0), load(9)], false), [500, 500])
})

test('partitions that are not available are left out, unless all are', () => {
  assert.deepEqual(shares([load(0, false), load(0), load(0)], true), [0, 500, 500])
  assert.deepEqual(shares([load(0, false), load(0, false)], true), [500, 500])
})
