// Add Partitions To Txn (API key 24): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int16, int32, int64, string, struct } from '../types.ts'

const addPartitionsToTxnPartitionResult = struct({
  partitionIndex: int32,
  partitionErrorCode: int16,
})

const addPartitionsToTxnTopic = struct({
  name: string,
  partitions: array(int32),
})

const addPartitionsToTxnTopicResult = struct({
  name: string,
  resultsByPartition: array(addPartitionsToTxnPartitionResult),
})

export const AddPartitionsToTxn = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: struct({
    transactions: array(
      struct({
        transactionalId: string.since(4),
        producerId: int64.since(4),
        producerEpoch: int16.since(4),
        verifyOnly: bool.since(4),
        topics: array(addPartitionsToTxnTopic).since(4),
      }),
    ).since(4),
    v3AndBelowTransactionalId: string.until(3),
    v3AndBelowProducerId: int64.until(3),
    v3AndBelowProducerEpoch: int16.until(3),
    v3AndBelowTopics: array(addPartitionsToTxnTopic).until(3),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16.since(4),
    resultsByTransaction: array(
      struct({
        transactionalId: string.since(4),
        topicResults: array(addPartitionsToTxnTopicResult).since(4),
      }),
    ).since(4),
    resultsByTopicV3AndBelow: array(addPartitionsToTxnTopicResult).until(3),
  }),
})
