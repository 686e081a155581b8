// One transactional id as the coordinator holds it, and the moves its transaction may make (KIP-98, KIP-360).

/** Kafka's names of the states, as DescribeTransactions shows them. */
export const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
] as const

export type TransactionState = (typeof TRANSACTION_STATES)[number]

/** Which states may follow which. */
const MOVES: Readonly<Record<TransactionState, readonly TransactionState[]>> = {
  Empty: ['Empty', 'Ongoing', 'Dead'],
  Ongoing: ['Ongoing', 'PrepareCommit', 'PrepareAbort'],
  PrepareCommit: ['CompleteCommit'],
  PrepareAbort: ['CompleteAbort'],
  CompleteCommit: ['Empty', 'Ongoing', 'Dead'],
  CompleteAbort: ['Empty', 'Ongoing', 'Dead'],
  Dead: [],
}

/** A partition a transaction wrote to. */
export interface TransactionPartition {
  readonly topic: string
  readonly partition: number
}

/** Everything about a transactional id that is stored. Times in ms. */
export interface TransactionRecord {
  readonly transactionalId: string
  producerId: number
  producerEpoch: number
  timeoutMs: number
  state: TransactionState
  partitions: TransactionPartition[]
  /** When the open transaction began, -1 when none is open. */
  startedAt: number
  updatedAt: number
}

/** See the head of this file. */
export class Transaction implements TransactionRecord {
  readonly transactionalId: string
  producerId: number
  producerEpoch: number
  /** Epoch before the last InitProducerId of a producer that gave its own: lets it repeat the request. */
  lastProducerEpoch = -1
  /** Producer id before epochs ran out. */
  lastProducerId = -1
  timeoutMs: number
  state: TransactionState
  partitions: TransactionPartition[]
  startedAt: number
  updatedAt: number

  constructor(record: TransactionRecord) {
    this.transactionalId = record.transactionalId
    this.producerId = record.producerId
    this.producerEpoch = record.producerEpoch
    this.timeoutMs = record.timeoutMs
    this.state = record.state
    this.partitions = record.partitions
    this.startedAt = record.startedAt
    this.updatedAt = record.updatedAt
  }

  /** Moves to `next`; an illegal move is a fault in this program and throws. */
  moveTo(next: TransactionState, now: number): void {
    if (!MOVES[this.state].includes(next)) {
      throw new Error(
        `transaction ${this.transactionalId} cannot go from ${this.state} to ${next}; allowed: ${MOVES[this.state].join(', ')}`,
      )
    }
    if (next === 'Ongoing' && this.state !== 'Ongoing') this.startedAt = now
    this.state = next
    this.updatedAt = now
  }

  has(topic: string, partition: number): boolean {
    return this.partitions.some((p) => p.topic === topic && p.partition === partition)
  }

  /** True while the markers of a decision are being written. */
  get deciding(): boolean {
    return this.state === 'PrepareCommit' || this.state === 'PrepareAbort'
  }
}
