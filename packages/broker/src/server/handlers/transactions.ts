// InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, WriteTxnMarkers, and what describes transactions.
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  DescribeTransactions,
  EndTxn,
  ErrorCode,
  InitProducerId,
  ListTransactions,
  type ReceivedRequest,
  WriteTxnMarkers,
} from '@millrace/kafka/protocol'
import { BrokerError } from '../../errors.ts'
import { OFFSETS_TOPIC } from '../../topics/topic-name.ts'
import { TRANSACTION_STATES } from '../../transaction/transaction.ts'
import { type RequestContext, type Route, route, upTo } from '../route.ts'

/** Runs `act`, returns the code of its refusal. Fenced producers of old versions are told in the words of their time. */
function codeOf(act: () => void, knowsFenced = true): number {
  try {
    act()
    return ErrorCode.NONE
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    if (error.code === ErrorCode.PRODUCER_FENCED && !knowsFenced) return ErrorCode.INVALID_PRODUCER_EPOCH
    // A coordinator whose disk refuses is one to try again later.
    if (error.code === ErrorCode.KAFKA_STORAGE_ERROR) return ErrorCode.COORDINATOR_NOT_AVAILABLE
    return error.code
  }
}

function initProducerId(request: ReceivedRequest<typeof InitProducerId>, { services, version }: RequestContext) {
  let given = { producerId: -1, producerEpoch: -1 }
  const errorCode = codeOf(() => {
    given = services.transactions.initProducer(request.transactionalId, request.transactionTimeoutMs, request)
  }, version >= 4)
  return { throttleTimeMs: 0, errorCode, ...given }
}

interface WantedTopic {
  readonly name: string
  readonly partitions: readonly number[]
}

function addPartitions(
  transactionalId: string,
  producer: { readonly producerId: number; readonly producerEpoch: number },
  topics: readonly WantedTopic[],
  verifyOnly: boolean,
  { services, version }: RequestContext,
) {
  const wanted = topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ topic: name, partition })))
  const exists = (topic: string, partition: number) => services.topics.log(topic, partition) !== undefined
  // All or nothing: with one partition that is not there, the others are not added either.
  const allExist = wanted.every((w) => exists(w.topic, w.partition))
  const code = !allExist
    ? ErrorCode.OPERATION_NOT_ATTEMPTED
    : codeOf(() => {
        if (verifyOnly) for (const w of wanted) services.transactions.verify(producer, w.topic, w.partition)
        else services.transactions.addPartitions(transactionalId, producer, wanted)
      }, version >= 2)
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: exists(name, partitionIndex) ? code : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    })),
  }))
}

function addPartitionsToTxn(request: ReceivedRequest<typeof AddPartitionsToTxn>, context: RequestContext) {
  if (context.version < 4) {
    const producer = {
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
    }
    const topics = request.v3AndBelowTopics
    return {
      throttleTimeMs: 0,
      resultsByTopicV3AndBelow: addPartitions(request.v3AndBelowTransactionalId, producer, topics, false, context),
    }
  }
  return {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    resultsByTransaction: request.transactions.map((t) => ({
      transactionalId: t.transactionalId,
      topicResults: addPartitions(t.transactionalId, t, t.topics, t.verifyOnly, context),
    })),
  }
}

function addOffsetsToTxn(request: ReceivedRequest<typeof AddOffsetsToTxn>, { services, version }: RequestContext) {
  const errorCode = codeOf(() => {
    if (request.groupId === '') throw new BrokerError(ErrorCode.INVALID_GROUP_ID, 'an empty group id')
    const partition = services.groups.offsetsPartition(request.groupId)
    services.transactions.addPartitions(request.transactionalId, request, [{ topic: OFFSETS_TOPIC, partition }])
  }, version >= 2)
  return { throttleTimeMs: 0, errorCode }
}

/** Markers an admin writes by hand, to end a transaction that hangs (KIP-664). */
function writeTxnMarkers(request: ReceivedRequest<typeof WriteTxnMarkers>, { services }: RequestContext) {
  return {
    markers: request.markers.map((m) => ({
      producerId: m.producerId,
      topics: m.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => {
          const log = services.topics.log(name, partitionIndex)
          const errorCode =
            log === undefined
              ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
              : codeOf(() => {
                  log.appendMarker(m.producerId, m.producerEpoch, m.transactionResult, m.coordinatorEpoch)
                  if (name === OFFSETS_TOPIC) {
                    services.groups.decide(partitionIndex, m.producerId, m.transactionResult)
                  }
                })
          return { partitionIndex, errorCode }
        }),
      })),
    })),
  }
}

function describeTransactions(request: ReceivedRequest<typeof DescribeTransactions>, { services }: RequestContext) {
  return {
    throttleTimeMs: 0,
    transactionStates: request.transactionalIds.map((transactionalId) => {
      const txn = services.transactions.get(transactionalId)
      if (txn === undefined) {
        return {
          errorCode: transactionalId === '' ? ErrorCode.INVALID_REQUEST : ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
          transactionalId,
          transactionState: '',
          transactionTimeoutMs: 0,
          transactionStartTimeMs: -1,
          producerId: -1,
          producerEpoch: -1,
          topics: [],
        }
      }
      const topics = [...Map.groupBy(txn.partitions, (p) => p.topic)].map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map((p) => p.partition),
      }))
      return {
        errorCode: ErrorCode.NONE,
        transactionalId,
        transactionState: txn.state,
        transactionTimeoutMs: txn.timeoutMs,
        transactionStartTimeMs: txn.startedAt,
        producerId: txn.producerId,
        producerEpoch: txn.producerEpoch,
        topics,
      }
    }),
  }
}

function listTransactions(request: ReceivedRequest<typeof ListTransactions>, { services }: RequestContext) {
  const known: readonly string[] = TRANSACTION_STATES
  const states = request.stateFilters.filter((s) => known.includes(s))
  const now = services.now()
  return {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    unknownStateFilters: request.stateFilters.filter((s) => !known.includes(s)),
    transactionStates: services.transactions
      .list()
      .filter((t) => request.stateFilters.length === 0 || states.includes(t.state))
      .filter((t) => request.producerIdFilters.length === 0 || request.producerIdFilters.includes(t.producerId))
      .filter((t) => request.durationFilter < 0 || (t.startedAt >= 0 && now - t.startedAt > request.durationFilter))
      .map((t) => ({ transactionalId: t.transactionalId, producerId: t.producerId, transactionState: t.state })),
  }
}

// Version 5 of EndTxn belongs to the second version of transactions (KIP-890), in which every end gives the producer a new epoch and
// partitions are added by writing to them. This broker speaks the first: clients see it by the missing feature and version.
const endTxn = upTo(
  4,
  route(EndTxn, (request, { services, version }) => {
    const { transactionalId, committed } = request
    const errorCode = codeOf(() => services.transactions.end(transactionalId, request, committed), version >= 2)
    return { throttleTimeMs: 0, errorCode }
  }),
)

export const transactionRoutes: readonly Route[] = [
  route(InitProducerId, initProducerId),
  route(AddPartitionsToTxn, addPartitionsToTxn),
  route(AddOffsetsToTxn, addOffsetsToTxn),
  endTxn,
  route(WriteTxnMarkers, writeTxnMarkers),
  route(DescribeTransactions, describeTransactions),
  route(ListTransactions, listTransactions),
]
