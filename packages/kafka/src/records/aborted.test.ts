// Where one begins to read does not change what is there: from every offset of a log of many transactions, a read_committed reader
// sees the end of what one sees that begins at the start.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Random, seeded } from './fixtures/random.ts'
import { type AbortedTransaction, controlBatch, encodeBatch, RecordReader } from './index.ts'

const LOGS = 200
const STEPS = 40
const PRODUCERS = 3

/** A batch, its offsets, and of which transaction it is. */
interface Piece {
  readonly bytes: Buffer
  readonly first: number
  readonly last: number
  readonly transaction: Transaction | undefined
  readonly marker: boolean
}

interface Transaction {
  readonly producerId: number
  readonly firstOffset: number
  outcome: { readonly commit: boolean; readonly offset: number } | undefined
}

/** What a broker knows of a partition: the batches, and of each transaction where it began and ended. */
function randomLog(random: Random): Piece[] {
  const pieces: Piece[] = []
  const open = new Map<number, Transaction>()
  let offset = 0
  const add = (bytes: Buffer, count: number, transaction?: Transaction, marker = false) => {
    pieces.push({ bytes, first: offset, last: offset + count - 1, transaction, marker })
    offset += count
  }
  const end = (producerId: number, transaction: Transaction) => {
    const commit = random.int(2) === 0
    open.delete(producerId)
    transaction.outcome = { commit, offset }
    const fields = { commit, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1, baseOffset: offset }
    add(controlBatch(fields), 1, transaction, true)
  }
  for (let step = 0; step < STEPS; step++) {
    const producerId = random.int(PRODUCERS + 1)
    const running = open.get(producerId)
    if (running !== undefined && random.int(2) === 0) {
      end(producerId, running)
      continue
    }
    const count = 1 + random.int(3)
    const values = Array.from({ length: count }, () => ({ value: 'v', timestamp: 1 }))
    if (producerId === PRODUCERS) {
      add(encodeBatch(values, { baseOffset: offset }), count)
      continue
    }
    const transaction = running ?? { producerId, firstOffset: offset, outcome: undefined }
    open.set(producerId, transaction)
    const fields = { producerId, producerEpoch: 0, baseSequence: 0, transactional: true, baseOffset: offset }
    add(encodeBatch(values, fields), count, transaction)
  }
  for (const [producerId, transaction] of open) end(producerId, transaction)
  return pieces
}

test('a read_committed reader sees the same from wherever it begins, and however much of the log it is given', () => {
  const random = seeded(20261123)
  for (let log = 0; log < LOGS; log++) {
    const pieces = randomLog(random)
    const end = pieces.at(-1)!.last + 1
    const committed = pieces.flatMap((piece) =>
      piece.marker || piece.transaction?.outcome?.commit === false
        ? []
        : Array.from({ length: piece.last + 1 - piece.first }, (_, i) => piece.first + i),
    )
    for (let from = 0; from < end; from++) {
      const upTo = from + 1 + random.int(end - from)
      const given = pieces.filter((piece) => piece.last >= from && piece.first < upTo)
      const until = given.at(-1)!.last + 1
      // As a broker finds them: those that reach into what it answers with.
      const abortedTransactions: AbortedTransaction[] = []
      for (const { marker, transaction } of pieces) {
        if (!marker || transaction?.outcome?.commit !== false) continue
        if (transaction.outcome.offset >= from && transaction.firstOffset < until) abortedTransactions.push(transaction)
      }
      const reader = new RecordReader({
        topic: 'orders',
        partition: 3,
        buffer: Buffer.concat(given.map((piece) => piece.bytes)),
        fetchOffset: from,
        readCommitted: true,
        abortedTransactions,
      })
      const seen: number[] = []
      while (reader.next()) seen.push(reader.offset)
      const expected = committed.filter((offset) => offset >= from && offset < until)
      assert.deepEqual(seen, expected, `log ${log}, read from ${from} to ${until}`)
      assert.equal(reader.nextOffset, until)
    }
  }
})
