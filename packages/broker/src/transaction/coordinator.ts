// The transaction coordinator: hands out producer ids, fences old producers, and carries each transaction to its end. A decision is
// stored before its first marker is written, so a process killed in between ends the transaction the same way when it comes back.

import { ErrorCode } from '@millrace/kafka/protocol'
import type { BrokerConfig } from '../config/broker-config.ts'
import { BrokerError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { Transaction, type TransactionPartition, type TransactionRecord } from './transaction.ts'

/** What the coordinator needs from outside. */
export interface TransactionContext {
  readonly config: BrokerConfig
  readonly log: Logger
  readonly now: () => number
  /** Reserves `count` producer ids nobody ever had. */
  readonly reserveProducerIds: (count: number) => number
  /** Makes the state durable. @throws BrokerError */
  readonly save: (record: TransactionRecord) => void
  /** Forgets a transactional id durably. @throws BrokerError */
  readonly erase: (transactionalId: string) => void
  /** Writes the marker into one partition; a topic that is gone is passed over. @throws BrokerError */
  readonly writeMarker: (partition: TransactionPartition, producerId: number, epoch: number, commit: boolean) => void
}

/** A producer's identity. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

/** Producer epochs are int16; the last one is kept for fencing. */
const EPOCH_EXHAUSTED = 32766
const ID_BLOCK = 1000
const NOBODY: ProducerIdentity = { producerId: -1, producerEpoch: -1 }

/** See the head of this file. */
export class TransactionCoordinator {
  readonly #context: TransactionContext
  readonly #transactions = new Map<string, Transaction>()
  readonly #byProducer = new Map<number, Transaction>()
  #nextId = 0
  #idLimit = 0

  constructor(context: TransactionContext) {
    this.#context = context
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId)
  }

  list(): Transaction[] {
    return [...this.#transactions.values()]
  }

  /** Takes over what was stored, then ends the transactions whose decision was made before the last stop. */
  restore(records: Iterable<TransactionRecord>): void {
    for (const record of records) this.#put(new Transaction(record))
    for (const txn of this.#transactions.values()) if (txn.deciding) this.#finish(txn)
  }

  /** Epoch written into markers; one coordinator for the life of the data folder. */
  static readonly EPOCH = 0

  /**
   * Gives a producer its id and epoch; with a transactional id, fences every producer that used it before and aborts what it left.
   * @throws BrokerError INVALID_REQUEST, INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS
   */
  initProducer(
    transactionalId: string | null,
    timeoutMs: number,
    claimed: ProducerIdentity = NOBODY,
  ): ProducerIdentity {
    if (transactionalId === null) return { producerId: this.#newProducerId(), producerEpoch: 0 }
    if (transactionalId === '') throw new BrokerError(ErrorCode.INVALID_REQUEST, 'an empty transactional id')
    const max = this.#context.config.number('transaction.max.timeout.ms')
    if (timeoutMs <= 0 || timeoutMs > max) {
      throw new BrokerError(
        ErrorCode.INVALID_TRANSACTION_TIMEOUT,
        `transaction timeout ${timeoutMs} ms; allowed are 1 to ${max} (transaction.max.timeout.ms)`,
      )
    }
    const { now } = this.#context
    let txn = this.#transactions.get(transactionalId)
    if (txn === undefined) {
      txn = new Transaction({
        transactionalId,
        producerId: this.#newProducerId(),
        producerEpoch: -1,
        timeoutMs,
        state: 'Empty',
        partitions: [],
        startedAt: -1,
        updatedAt: now(),
      })
    } else {
      this.#mayInit(txn, claimed)
      if (txn.state === 'Ongoing') this.#abortFenced(txn)
      if (txn.deciding && !this.#finish(txn)) throw concurrent(txn)
    }
    const repeated = claimed.producerId >= 0 && claimed.producerEpoch === txn.lastProducerEpoch
    const before = { ...txn }
    if (!repeated) {
      if (txn.producerEpoch >= EPOCH_EXHAUSTED) {
        txn.lastProducerId = txn.producerId
        this.#byProducer.delete(txn.producerId)
        txn.producerId = this.#newProducerId()
        txn.producerEpoch = 0
        txn.lastProducerEpoch = -1
      } else {
        txn.lastProducerEpoch = claimed.producerId >= 0 ? txn.producerEpoch : -1
        txn.producerEpoch++
      }
    }
    txn.timeoutMs = timeoutMs
    txn.partitions = []
    txn.startedAt = -1
    txn.moveTo('Empty', now())
    this.#saveOr(txn, () => Object.assign(txn, before))
    this.#put(txn)
    return { producerId: txn.producerId, producerEpoch: txn.producerEpoch }
  }

  /**
   * Puts partitions under the transaction, which begins with the first.
   * @throws BrokerError INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS
   */
  addPartitions(transactionalId: string, producer: ProducerIdentity, added: readonly TransactionPartition[]): void {
    const txn = this.#owned(transactionalId, producer)
    if (txn.deciding) throw concurrent(txn)
    const fresh = added.filter((p) => !txn.has(p.topic, p.partition))
    if (txn.state === 'Ongoing' && fresh.length === 0) return
    const before = { ...txn }
    txn.partitions = txn.state === 'Ongoing' ? [...txn.partitions, ...fresh] : [...added]
    txn.moveTo('Ongoing', this.#context.now())
    this.#saveOr(txn, () => Object.assign(txn, before))
  }

  /**
   * Commits or aborts the transaction.
   * @throws BrokerError INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, INVALID_TXN_STATE, CONCURRENT_TRANSACTIONS
   */
  end(transactionalId: string, producer: ProducerIdentity, commit: boolean): void {
    const txn = this.#owned(transactionalId, producer)
    switch (txn.state) {
      case 'Ongoing':
        this.#decide(txn, commit)
        if (!this.#finish(txn)) throw concurrent(txn)
        return
      case 'CompleteCommit':
        if (commit) return
        break
      case 'CompleteAbort':
        if (!commit) return
        break
      case 'PrepareCommit':
        if (commit) throw concurrent(txn)
        break
      case 'PrepareAbort':
        if (!commit) throw concurrent(txn)
        break
      default:
        break
    }
    throw new BrokerError(
      ErrorCode.INVALID_TXN_STATE,
      `cannot ${commit ? 'commit' : 'abort'} ${transactionalId}: it is in state ${txn.state}`,
    )
  }

  /**
   * Says whether a producer may write a transactional batch into a partition (KIP-890, server-side check).
   * @throws BrokerError INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE
   */
  verify(producer: ProducerIdentity, topic: string, partition: number): void {
    const txn = this.#byProducer.get(producer.producerId)
    if (txn !== undefined && producer.producerEpoch < txn.producerEpoch) {
      throw new BrokerError(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `producer ${producer.producerId} of ${txn.transactionalId} has epoch ${producer.producerEpoch}, current is ${txn.producerEpoch}`,
      )
    }
    if (txn?.state !== 'Ongoing' || !txn.has(topic, partition)) {
      throw new BrokerError(
        ErrorCode.INVALID_TXN_STATE,
        `${topic}-${partition} was not added to the transaction of producer ${producer.producerId}`,
      )
    }
  }

  /** Aborts transactions whose time is up, ends decided ones that could not be ended, forgets ids nobody uses. */
  tick(): void {
    const now = this.#context.now()
    const expiry = this.#context.config.number('transactional.id.expiration.ms')
    for (const txn of [...this.#transactions.values()]) {
      if (txn.state === 'Ongoing' && now - txn.startedAt >= txn.timeoutMs) {
        this.#context.log.info(`transaction ${txn.transactionalId} ran longer than ${txn.timeoutMs} ms and is aborted`)
        this.#quietly(() => this.#abortFenced(txn))
      } else if (txn.deciding) {
        this.#finish(txn)
      } else if (txn.state !== 'Ongoing' && now - txn.updatedAt >= expiry) {
        this.#quietly(() => {
          this.#context.erase(txn.transactionalId)
          this.#transactions.delete(txn.transactionalId)
          this.#byProducer.delete(txn.producerId)
        })
      }
    }
  }

  #mayInit(txn: Transaction, claimed: ProducerIdentity): void {
    if (claimed.producerId < 0) return
    const current =
      claimed.producerId === txn.producerId &&
      (claimed.producerEpoch === txn.producerEpoch || claimed.producerEpoch === txn.lastProducerEpoch)
    const exhausted = claimed.producerId === txn.lastProducerId && claimed.producerEpoch >= EPOCH_EXHAUSTED
    if (current || exhausted || txn.producerEpoch < 0) return
    throw new BrokerError(
      ErrorCode.PRODUCER_FENCED,
      `producer ${claimed.producerId} epoch ${claimed.producerEpoch} was replaced: ${txn.transactionalId} is now ` +
        `producer ${txn.producerId} epoch ${txn.producerEpoch}`,
    )
  }

  #owned(transactionalId: string, producer: ProducerIdentity): Transaction {
    const txn = this.#transactions.get(transactionalId)
    if (txn === undefined || txn.producerId !== producer.producerId) {
      throw new BrokerError(
        ErrorCode.INVALID_PRODUCER_ID_MAPPING,
        `transactional id ${transactionalId} does not belong to producer ${producer.producerId}`,
      )
    }
    if (txn.producerEpoch !== producer.producerEpoch) {
      throw new BrokerError(
        ErrorCode.PRODUCER_FENCED,
        `producer ${producer.producerId} of ${transactionalId} has epoch ${producer.producerEpoch}, current is ${txn.producerEpoch}`,
      )
    }
    return txn
  }

  /** Aborts under a higher epoch, so that the producer that left the transaction open cannot go on with it. */
  #abortFenced(txn: Transaction): void {
    const epoch = txn.producerEpoch
    txn.producerEpoch = Math.min(epoch + 1, 32767)
    txn.lastProducerEpoch = -1
    try {
      this.#decide(txn, false)
    } catch (error) {
      txn.producerEpoch = epoch
      throw error
    }
    if (!this.#finish(txn)) throw concurrent(txn)
  }

  #decide(txn: Transaction, commit: boolean): void {
    const before = { ...txn }
    txn.moveTo(commit ? 'PrepareCommit' : 'PrepareAbort', this.#context.now())
    this.#saveOr(txn, () => Object.assign(txn, before))
  }

  /** Writes the markers of a decision and closes the transaction; false when the disk refused and it must be tried again. */
  #finish(txn: Transaction): boolean {
    const commit = txn.state === 'PrepareCommit'
    try {
      while (txn.partitions.length > 0) {
        this.#context.writeMarker(txn.partitions[0]!, txn.producerId, txn.producerEpoch, commit)
        txn.partitions = txn.partitions.slice(1)
      }
      const before = { ...txn }
      txn.moveTo(commit ? 'CompleteCommit' : 'CompleteAbort', this.#context.now())
      txn.startedAt = -1
      this.#saveOr(txn, () => Object.assign(txn, before))
      return true
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      this.#context.log.warn(`transaction ${txn.transactionalId} stays ${txn.state} for now: ${error.message}`)
      return false
    }
  }

  #quietly(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      this.#context.log.warn(error.message)
    }
  }

  #saveOr(txn: Transaction, undo: () => void): void {
    try {
      this.#context.save(txn)
    } catch (error) {
      undo()
      throw error
    }
  }

  #put(txn: Transaction): void {
    this.#transactions.set(txn.transactionalId, txn)
    this.#byProducer.set(txn.producerId, txn)
  }

  #newProducerId(): number {
    if (this.#nextId === this.#idLimit) {
      this.#nextId = this.#context.reserveProducerIds(ID_BLOCK)
      this.#idLimit = this.#nextId + ID_BLOCK
    }
    return this.#nextId++
  }
}

function concurrent(txn: Transaction): BrokerError {
  return new BrokerError(
    ErrorCode.CONCURRENT_TRANSACTIONS,
    `transaction ${txn.transactionalId} is still being ended (${txn.state})`,
  )
}
