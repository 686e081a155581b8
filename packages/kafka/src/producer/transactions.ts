// Transactions (KIP-98): which moves are allowed when, which partitions take part, and the numbers of their batches.
// The talk with the coordinators is in transaction-requests.ts.
import { errorMessage } from '@millrace/api'
import { KafkaException } from '../errors.ts'
import { ErrorCode } from '../protocol/error-codes.ts'
import { Produce } from '../protocol/messages/produce.ts'
import { ProducerIdentity } from './identity.ts'
import { isStale, type Numbering, type NumberingContext, numberBatch } from './numbering.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { type OffsetsOwner, type OffsetToSend, TransactionRequests } from './transaction-requests.ts'

/** States, and from each the states that may follow. */
const MOVES = {
  uninitialized: ['initializing', 'fatal'],
  initializing: ['ready', 'uninitialized', 'fatal'],
  ready: ['in transaction', 'initializing', 'fatal'],
  'in transaction': ['committing', 'aborting', 'abortable', 'fatal'],
  committing: ['ready', 'abortable', 'in transaction', 'fatal'],
  abortable: ['aborting', 'fatal'],
  aborting: ['ready', 'abortable', 'fatal'],
  fatal: [],
} as const satisfies Record<string, readonly string[]>

type State = keyof typeof MOVES

/** Ways in which a transaction ends that its owner has to be told as they are, whatever else failed. */
const FATAL = new Set<number>([
  ErrorCode.PRODUCER_FENCED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.UNSUPPORTED_VERSION,
  ErrorCode.INVALID_TXN_STATE,
])

export interface TransactionContext extends NumberingContext {
  /** Resolves when every batch written so far has its outcome. */
  flush(): Promise<void>
  /** Fails the batches that were not sent. */
  failUnsent(error: KafkaException): void
}

export class Transactions implements Numbering {
  readonly maxProduceVersion = Produce.maxVersion
  readonly identity = new ProducerIdentity()
  readonly #context: TransactionContext
  readonly #requests: TransactionRequests
  #state: State = 'uninitialized'
  #failure: KafkaException | null = null
  readonly #partitions = new Set<PartitionQueue>()
  readonly #toAdd = new Set<PartitionQueue>()
  #adding = false
  #addRun: Promise<void> = Promise.resolve()
  /** Offsets were added: the coordinator knows of a transaction even without records. */
  #hasOffsets = false
  /** The coordinator may have begun the transaction, though it did not say so. */
  #mayHaveBegun = false
  /** A batch failed with numbers given: after the abort a new epoch is needed. */
  #needsEpoch = false

  constructor(context: TransactionContext, transactionalId: string) {
    this.#context = context
    this.#requests = new TransactionRequests(context, transactionalId, this.identity)
  }

  /** Why nothing can be written: an error that must be ended by abort, or by closing; null when all is well. */
  get failure(): KafkaException | null {
    return this.#failure
  }

  get stopped(): boolean {
    return this.#failure !== null || this.#state === 'aborting'
  }

  get inTransaction(): boolean {
    return this.#state === 'in transaction'
  }

  /** Fences earlier producers of the same id and finishes what they left. Must come first, once. */
  async init(): Promise<void> {
    if (this.#state !== 'uninitialized') this.#illegal('initTransactions')
    this.#move('initializing')
    try {
      await this.#requests.initProducerId(false)
      this.#move('ready')
    } catch (error) {
      const failure = asKafka(error)
      if (failure.retriable) this.#move('uninitialized')
      else this.#fatal(failure)
      throw failure
    }
  }

  begin(): void {
    this.#throwIfFailed()
    if (this.#state !== 'ready') this.#illegal('beginTransaction')
    this.#move('in transaction')
  }

  /** Commits consumer offsets as a part of the transaction. */
  async sendOffsets(offsets: readonly OffsetToSend[], member: OffsetsOwner): Promise<void> {
    this.#throwIfFailed()
    if (this.#state !== 'in transaction') this.#illegal('sendOffsetsToTransaction')
    if (offsets.length === 0) return
    try {
      this.#mayHaveBegun = true
      await this.#requests.addOffsets(member.groupId)
      this.#hasOffsets = true
      await this.#requests.commitOffsets(offsets, member)
    } catch (error) {
      throw this.fail(asKafka(error))
    }
  }

  async commit(): Promise<void> {
    this.#throwIfFailed()
    if (this.#state !== 'in transaction') this.#illegal('commitTransaction')
    this.#move('committing')
    await this.#context.flush()
    this.#throwIfFailed()
    if (this.#isEmpty) {
      this.#end()
      return
    }
    try {
      await this.#requests.endTxn(true)
    } catch (error) {
      const failure = asKafka(error)
      // A timeout leaves open what became of it: calling commit again asks again.
      if (failure.retriable) this.#move('in transaction')
      else this.fail(failure)
      throw failure
    }
    this.#end()
  }

  async abort(): Promise<void> {
    if (this.#state === 'fatal') this.#throwIfFailed()
    if (this.#state !== 'in transaction' && this.#state !== 'abortable') this.#illegal('abortTransaction')
    const cause = this.#failure
    this.#move('aborting')
    this.#failure = null
    this.#toAdd.clear()
    const aborted = new KafkaException('The transaction was aborted before the record was sent', {
      exception: 'TransactionAbortedException',
      cause,
    })
    this.#context.failUnsent(aborted)
    await this.#context.flush()
    await this.#addRun
    this.#context.failUnsent(aborted)
    try {
      if (!this.#isEmpty) await this.#requests.endTxn(false)
      if (this.#needsEpoch) await this.#requests.initProducerId(true)
    } catch (error) {
      const failure = asKafka(error)
      if (failure.retriable) {
        this.#failure = cause ?? failure
        this.#move('abortable')
      } else this.#fatal(failure)
      throw failure
    }
    this.#end()
  }

  admits(queue: PartitionQueue, head: OutgoingBatch): boolean {
    if (this.#failure !== null) return false
    // The numbers of this partition are broken until an abort brought a new epoch.
    if (queue.gap && !isStale(queue, this.identity)) return false
    if (this.#state !== 'in transaction' && this.#state !== 'committing') return false
    if (!this.#partitions.has(queue)) {
      this.#toAdd.add(queue)
      this.#addSoon()
      return false
    }
    return head.sequenced || queue.wire.length === 0 || !isStale(queue, this.identity)
  }

  number(queue: PartitionQueue, batch: OutgoingBatch): void {
    numberBatch(queue, batch, this.identity)
  }

  mayRetry(queue: PartitionQueue, batch: OutgoingBatch, error: KafkaException, logStartOffset: number): boolean | null {
    // Out of turn only because its predecessor is not acknowledged yet; the next in turn cannot be helped: abort.
    if (error.errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) return !queue.isOldest(batch)
    if (error.errorCode === ErrorCode.UNKNOWN_PRODUCER_ID) return logStartOffset < 0
    return null
  }

  onFailed(queue: PartitionQueue, batch: OutgoingBatch, error: KafkaException): void {
    if (batch.sequenced) {
      queue.gap = true
      this.#needsEpoch = true
    }
    if (this.#state === 'in transaction' || this.#state === 'committing') this.fail(error)
  }

  /** An error in the transaction: it can only be aborted, or, when another producer took over, not even that. */
  fail(error: KafkaException): KafkaException {
    if (FATAL.has(error.errorCode)) this.#fatal(error)
    else if (this.#state === 'in transaction' || this.#state === 'committing') {
      this.#failure ??= error
      this.#move('abortable')
      if (
        error.errorCode === ErrorCode.INVALID_PRODUCER_ID_MAPPING ||
        error.errorCode === ErrorCode.UNKNOWN_PRODUCER_ID
      ) {
        this.#needsEpoch = true
      }
    }
    this.#context.wake()
    return error
  }

  /** Nothing was written in this transaction that a coordinator or broker could know of. */
  get #isEmpty(): boolean {
    return this.#partitions.size === 0 && !this.#hasOffsets && !this.#mayHaveBegun
  }

  #end(): void {
    this.#partitions.clear()
    this.#toAdd.clear()
    this.#hasOffsets = this.#mayHaveBegun = this.#needsEpoch = false
    this.#move('ready')
  }

  /** All partitions that ask in one run of code are added by one request. */
  #addSoon(): void {
    if (this.#adding) return
    this.#adding = true
    this.#addRun = Promise.resolve()
      .then(() => this.#add())
      .catch((error: unknown) => {
        this.fail(asKafka(error))
      })
      .finally(() => {
        this.#adding = false
        this.#context.wake()
      })
  }

  async #add(): Promise<void> {
    while (this.#toAdd.size > 0 && !this.stopped) {
      const queues = [...this.#toAdd]
      this.#toAdd.clear()
      this.#mayHaveBegun = true
      await this.#requests.addPartitions(queues)
      for (const queue of queues) this.#partitions.add(queue)
    }
  }

  #fatal(error: KafkaException): void {
    this.#failure = error
    if (this.#state !== 'fatal') this.#move('fatal')
    this.#context.wake()
  }

  #throwIfFailed(): void {
    if (this.#failure === null) return
    const next = this.#state === 'fatal' ? 'close this producer' : 'abort the transaction'
    throw new KafkaException(`The transaction has failed, ${next}: ${errorMessage(this.#failure)}`, {
      exception: this.#failure.name,
      errorCode: this.#failure.errorCode,
      cause: this.#failure,
    })
  }

  #move(to: State): void {
    const allowed: readonly State[] = MOVES[this.#state]
    if (!allowed.includes(to)) {
      throw new TypeError(
        `A transaction cannot go from ${this.#state} to ${to}: ${allowed.join(', ') || 'nothing'} may follow`,
      )
    }
    this.#state = to
  }

  #illegal(call: string): never {
    throw new KafkaException(`${call}() is not possible while the producer is ${this.#state}`, {
      exception: 'IllegalStateException',
    })
  }
}

function asKafka(error: unknown): KafkaException {
  return error instanceof KafkaException ? error : new KafkaException(errorMessage(error), { cause: error })
}
