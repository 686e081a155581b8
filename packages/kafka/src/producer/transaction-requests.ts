// The requests of a transactional producer to the coordinators of transactions and groups, each tried until max.block.ms.
import { errorMessage } from '@millrace/api'
import { backoffMs, wait } from '../backoff.ts'
import type { CoordinatorKind } from '../cluster/cluster-client.ts'
import { brokerError, isRetriable, KafkaException, timedOut } from '../errors.ts'
import type { Api } from '../protocol/api.ts'
import { ErrorCode } from '../protocol/error-codes.ts'
import { AddOffsetsToTxn } from '../protocol/messages/add-offsets-to-txn.ts'
import { AddPartitionsToTxn } from '../protocol/messages/add-partitions-to-txn.ts'
import { EndTxn } from '../protocol/messages/end-txn.ts'
import { InitProducerId } from '../protocol/messages/init-producer-id.ts'
import { TxnOffsetCommit } from '../protocol/messages/txn-offset-commit.ts'
import type { ProducerIdentity } from './identity.ts'
import type { NumberingContext } from './numbering.ts'
import type { PartitionQueue } from './partition-queue.ts'

/** A consumer's position to commit with the transaction. */
export interface OffsetToSend {
  readonly topic: string
  readonly partition: number
  /** Offset of the next record to read. */
  readonly offset: number
  /** -1 when not known. */
  readonly leaderEpoch?: number
  readonly metadata?: string | null
}

/** The member in whose name offsets are committed: a group coordinator fences one that is no longer in the group. */
export interface OffsetsOwner {
  readonly groupId: string
  readonly generationId?: number
  readonly memberId?: string
  readonly groupInstanceId?: string | null
}

/** Clients add partitions one transaction a request: the versions above are for brokers. */
const ADD_PARTITIONS_VERSION = 3
/** The newer versions belong to the protocol in which brokers add partitions themselves (KIP-890). */
const END_TXN_VERSION = 4
const TXN_OFFSET_COMMIT_VERSION = 4
/** A coordinator that is still writing the markers of the transaction before is soon done. */
const CONCURRENT_BACKOFF_MS = 20

const COORDINATOR_MOVED = new Set<number>([ErrorCode.NOT_COORDINATOR, ErrorCode.COORDINATOR_NOT_AVAILABLE])
const RETRIED = new Set<number>([ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS])

export class TransactionRequests {
  readonly #context: NumberingContext
  readonly #transactionalId: string
  readonly #identity: ProducerIdentity

  constructor(context: NumberingContext, transactionalId: string, identity: ProducerIdentity) {
    this.#context = context
    this.#transactionalId = transactionalId
    this.#identity = identity
  }

  /** @param bump keep the id and take its next epoch (KIP-360), instead of beginning as a new producer */
  initProducerId(bump: boolean): Promise<void> {
    const request = {
      transactionalId: this.#transactionalId,
      transactionTimeoutMs: this.#context.options.transactionTimeoutMs,
      producerId: bump ? this.#identity.producerId : -1,
      producerEpoch: bump ? this.#identity.producerEpoch : -1,
    }
    return this.#retrying(`Initializing transactional id ${this.#transactionalId}`, async (what) => {
      const answer = await this.#ask('transaction', this.#transactionalId, InitProducerId, request)
      this.#check(answer.errorCode, what, 'transaction', this.#transactionalId)
      this.#identity.set(answer.producerId, answer.producerEpoch)
    })
  }

  addPartitions(queues: readonly PartitionQueue[]): Promise<void> {
    const topics = new Map<string, number[]>()
    for (const queue of queues) topics.set(queue.topic, [...(topics.get(queue.topic) ?? []), queue.partition])
    const request = {
      transactions: [],
      v3AndBelowTransactionalId: this.#transactionalId,
      v3AndBelowProducerId: this.#identity.producerId,
      v3AndBelowProducerEpoch: this.#identity.producerEpoch,
      v3AndBelowTopics: [...topics].map(([name, partitions]) => ({ name, partitions })),
    }
    return this.#retrying('Adding partitions to the transaction', async (what) => {
      const answer = await this.#ask(
        'transaction',
        this.#transactionalId,
        AddPartitionsToTxn,
        request,
        ADD_PARTITIONS_VERSION,
      )
      const results = answer.resultsByTopicV3AndBelow.flatMap((topic) =>
        topic.resultsByPartition.map((one) => ({
          name: `${topic.name}-${one.partitionIndex}`,
          code: one.partitionErrorCode,
        })),
      )
      // One bad partition makes the broker refuse all: the others say OPERATION_NOT_ATTEMPTED.
      const failed = results.filter((one) => one.code !== ErrorCode.NONE)
      const worst = failed.find((one) => one.code !== ErrorCode.OPERATION_NOT_ATTEMPTED) ?? failed[0]
      if (worst !== undefined) this.#check(worst.code, `${what} (${worst.name})`, 'transaction', this.#transactionalId)
    })
  }

  addOffsets(groupId: string): Promise<void> {
    return this.#retrying(`Adding the offsets of group ${groupId} to the transaction`, async (what) => {
      const answer = await this.#ask('transaction', this.#transactionalId, AddOffsetsToTxn, { ...this.#ids(), groupId })
      this.#check(answer.errorCode, what, 'transaction', this.#transactionalId)
    })
  }

  commitOffsets(offsets: readonly OffsetToSend[], member: OffsetsOwner): Promise<void> {
    const topics = new Map<string, OffsetToSend[]>()
    for (const offset of offsets) topics.set(offset.topic, [...(topics.get(offset.topic) ?? []), offset])
    const request = {
      ...this.#ids(),
      groupId: member.groupId,
      generationId: member.generationId ?? -1,
      memberId: member.memberId ?? '',
      groupInstanceId: member.groupInstanceId ?? null,
      topics: [...topics].map(([name, list]) => ({
        name,
        partitions: list.map((one) => ({
          partitionIndex: one.partition,
          committedOffset: one.offset,
          committedLeaderEpoch: one.leaderEpoch ?? -1,
          committedMetadata: one.metadata ?? '',
        })),
      })),
    }
    return this.#retrying(`Committing offsets of group ${member.groupId} in the transaction`, async (what) => {
      const answer = await this.#ask('group', member.groupId, TxnOffsetCommit, request, TXN_OFFSET_COMMIT_VERSION)
      for (const topic of answer.topics) {
        for (const one of topic.partitions) {
          this.#check(one.errorCode, `${what} (${topic.name}-${one.partitionIndex})`, 'group', member.groupId)
        }
      }
    })
  }

  endTxn(committed: boolean): Promise<void> {
    return this.#retrying(`${committed ? 'Committing' : 'Aborting'} a transaction`, async (what) => {
      const answer = await this.#ask(
        'transaction',
        this.#transactionalId,
        EndTxn,
        { ...this.#ids(), committed },
        END_TXN_VERSION,
      )
      this.#check(answer.errorCode, what, 'transaction', this.#transactionalId)
    })
  }

  #ids() {
    return {
      transactionalId: this.#transactionalId,
      producerId: this.#identity.producerId,
      producerEpoch: this.#identity.producerEpoch,
    }
  }

  async #ask<Req, ReqIn, Res, ResIn>(
    kind: CoordinatorKind,
    key: string,
    api: Api<Req, ReqIn, Res, ResIn>,
    request: ReqIn,
    newest: number = api.maxVersion,
  ): Promise<Res> {
    const { cluster } = this.#context
    try {
      const node = await cluster.coordinator(kind, key)
      const connection = await cluster.connection(node)
      return await connection.send(api, request, { version: Math.min(newest, connection.version(api)) })
    } catch (error) {
      // The broker is gone: another one coordinates, or will.
      cluster.forgetCoordinator(kind, key)
      throw error
    }
  }

  #check(code: number, what: string, kind: CoordinatorKind, key: string): void {
    if (code === ErrorCode.NONE) return
    if (COORDINATOR_MOVED.has(code)) this.#context.cluster.forgetCoordinator(kind, key)
    if (code === ErrorCode.PRODUCER_FENCED || code === ErrorCode.INVALID_PRODUCER_EPOCH) {
      throw new KafkaException(
        `${what} failed: another producer with transactional.id ${this.#transactionalId} has taken over, this one is fenced`,
        { exception: 'ProducerFencedException', errorCode: ErrorCode.PRODUCER_FENCED },
      )
    }
    const error = brokerError(code, what)
    throw RETRIED.has(code) && !error.retriable
      ? new KafkaException(error.message, { exception: error.name, errorCode: code, retriable: true })
      : error
  }

  /** Tries until it works, an error forbids it, or max.block.ms has passed. */
  async #retrying(what: string, attempt: (what: string) => Promise<void>): Promise<void> {
    const { options } = this.#context
    const deadline = performance.now() + options.maxBlockMs
    for (let tries = 0; ; tries++) {
      try {
        await attempt(what)
        return
      } catch (error) {
        if (!isRetriable(error)) throw error
        const concurrent = error instanceof KafkaException && error.errorCode === ErrorCode.CONCURRENT_TRANSACTIONS
        const pause = concurrent ? CONCURRENT_BACKOFF_MS : backoffMs(options.backoff, tries)
        if (performance.now() + pause > deadline) {
          throw timedOut(
            `${what} did not succeed within ${options.maxBlockMs} ms (max.block.ms): ${errorMessage(error)}`,
            error,
          )
        }
        await wait(pause)
      }
    }
  }
}
