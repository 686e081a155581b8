// Sequence numbers: what an idempotent producer does so that a retry never writes twice (KIP-98, KIP-360).
import { errorMessage, type Logger } from '@millrace/api'
import { backoffMs, wait } from '../backoff.ts'
import type { ClusterClient } from '../cluster/index.ts'
import { brokerError, isRetriable, KafkaException } from '../errors.ts'
import { ErrorCode } from '../protocol/error-codes.ts'
import { InitProducerId } from '../protocol/messages/init-producer-id.ts'
import { Produce } from '../protocol/messages/produce.ts'
import { ProducerIdentity } from './identity.ts'
import { lastSequence } from './last-sequence.ts'
import type { ProducerOptions } from './options.ts'
import type { OutgoingBatch } from './outgoing-batch.ts'
import { isAtOrBefore, type PartitionQueue, sequenceAfter } from './partition-queue.ts'

/** What sender and outcomes ask about sequence numbers and transactions. */
export interface Numbering {
  /** Newest Produce version that fits how this producer uses transactions. */
  readonly maxProduceVersion: number
  /** Nothing more is sent again: there was an error that only its owner can end, or an abort is under way. */
  readonly stopped: boolean
  /** The error for batches that are not sent and for records to come; null when all is well. */
  readonly failure: KafkaException | null
  /** Whether the partition's next batch may go out now; if not, whatever is missing is on its way. */
  admits(queue: PartitionQueue, head: OutgoingBatch): boolean
  /** Gives a batch its numbers, if it has none yet. */
  number(queue: PartitionQueue, batch: OutgoingBatch): void
  /** Whether to send a batch again after an error; null when the error itself tells. */
  mayRetry(queue: PartitionQueue, batch: OutgoingBatch, error: KafkaException, logStartOffset: number): boolean | null
  /** A batch has failed for good. */
  onFailed(queue: PartitionQueue, batch: OutgoingBatch, error: KafkaException): void
}

/** A producer without idempotence. */
export const PLAIN_NUMBERING: Numbering = Object.freeze({
  maxProduceVersion: Produce.maxVersion,
  stopped: false,
  failure: null,
  admits: () => true,
  number: () => {},
  mayRetry: () => null,
  onFailed: () => {},
})

/** True when the partition's numbers are of an earlier id or epoch. */
export function isStale(queue: PartitionQueue, identity: ProducerIdentity): boolean {
  return queue.producerId !== identity.producerId || queue.producerEpoch !== identity.producerEpoch
}

/** Numbers a batch that has no numbers yet; under a new id or epoch a partition begins at 0. */
export function numberBatch(queue: PartitionQueue, batch: OutgoingBatch, identity: ProducerIdentity): void {
  if (batch.sequenced) return
  if (isStale(queue, identity)) queue.renumber(identity.producerId, identity.producerEpoch)
  queue.number(batch)
}

/** What an idempotent producer needs of its surroundings. */
export interface NumberingContext {
  readonly options: ProducerOptions
  readonly cluster: ClusterClient
  readonly log: Logger
  /** Something changed: look again for batches to send. */
  wake(): void
  /** The broker has a batch already that waits to be sent again. */
  alreadyWritten(queue: PartitionQueue, batch: OutgoingBatch): void
}

const NO_TIMEOUT = 2147483647

export class IdempotentNumbering implements Numbering {
  readonly maxProduceVersion = Produce.maxVersion
  failure: KafkaException | null = null
  readonly identity = new ProducerIdentity()
  readonly #context: NumberingContext
  #acquiring = false
  readonly #resolving = new Set<PartitionQueue>()

  constructor(context: NumberingContext) {
    this.#context = context
  }

  get stopped(): boolean {
    return this.failure !== null
  }

  admits(queue: PartitionQueue, head: OutgoingBatch): boolean {
    if (this.stopped) return false
    if (queue.doubt) {
      this.#resolve(queue)
      return false
    }
    if (queue.gap && !this.#mendGap(queue)) return false
    if (!this.identity.known) {
      this.#acquire()
      return false
    }
    // Batches that are under way keep their numbers: a new epoch begins when the last of them is answered.
    return head.sequenced || queue.wire.length === 0 || !isStale(queue, this.identity)
  }

  number(queue: PartitionQueue, batch: OutgoingBatch): void {
    numberBatch(queue, batch, this.identity)
  }

  mayRetry(queue: PartitionQueue, batch: OutgoingBatch, error: KafkaException, logStartOffset: number): boolean | null {
    if (error.errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) {
      // A batch whose predecessor is not acknowledged yet only came too early. Otherwise the broker has lost its state;
      // if the batch was sent before, what it still knows tells whether it has it.
      if (queue.isOldest(batch)) {
        if (batch.attempts > 1) queue.doubt = true
        else queue.gap = true
      }
      return true
    }
    if (error.errorCode === ErrorCode.UNKNOWN_PRODUCER_ID) {
      if (logStartOffset >= 0) queue.gap = true
      return true
    }
    return null
  }

  onFailed(queue: PartitionQueue, batch: OutgoingBatch, _error: KafkaException): void {
    if (batch.sequenced) queue.gap = true
  }

  /**
   * Asks the leader what it has last (KIP-664). A broker that was killed remembers of each producer the last batch only,
   * and refuses an earlier one that it has; writing it again under a new epoch would write it twice.
   */
  #resolve(queue: PartitionQueue): void {
    if (this.#resolving.has(queue)) return
    this.#resolving.add(queue)
    lastSequence(this.#context, queue)
      .then((last) => {
        const first = queue.closed[0]
        for (const batch of [...queue.closed]) {
          if (last < 0 || !batch.sequenced || !isAtOrBefore(sequenceAfter(batch.baseSequence, batch.count - 1), last))
            break
          this.#context.alreadyWritten(queue, batch)
        }
        queue.doubt = false
        // It has none of them: then there is a gap indeed.
        if (queue.closed[0] === first && first?.sequenced === true) queue.gap = true
      })
      .finally(() => {
        this.#resolving.delete(queue)
        this.#context.wake()
      })
  }

  /** A higher epoch makes the broker forget what it expected. True when the partition may go on. */
  #mendGap(queue: PartitionQueue): boolean {
    if (queue.wire.length > 0) return false
    if (!isStale(queue, this.identity) && this.identity.known) this.identity.bump()
    if (!this.identity.known) return true
    queue.renumber(this.identity.producerId, this.identity.producerEpoch)
    return true
  }

  #acquire(): void {
    if (this.#acquiring) return
    this.#acquiring = true
    this.#askForId().then(
      () => {
        this.#acquiring = false
        this.#context.wake()
      },
      (error: unknown) => {
        this.#acquiring = false
        this.failure =
          error instanceof KafkaException ? error : new KafkaException(errorMessage(error), { cause: error })
        this.#context.wake()
      },
    )
  }

  async #askForId(): Promise<void> {
    const { cluster, options, log } = this.#context
    for (let attempt = 0; !this.stopped; attempt++) {
      try {
        const request = { transactionalId: null, transactionTimeoutMs: NO_TIMEOUT }
        const answer = await cluster.send(-1, InitProducerId, request)
        if (answer.errorCode === ErrorCode.NONE) {
          this.identity.set(answer.producerId, answer.producerEpoch)
          return
        }
        throw brokerError(answer.errorCode, 'Asking for a producer id (enable.idempotence)')
      } catch (error) {
        if (!isRetriable(error)) throw error
        log.debug(`No producer id yet: ${errorMessage(error)}`)
        await wait(backoffMs(options.backoff, attempt))
      }
    }
  }
}
