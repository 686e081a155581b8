// Produce (API key 0): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int16, int32, int64, nullableBytes, nullableString, string, struct } from '../types.ts'

export const Produce = defineApi({
  key: 0,
  name: 'Produce',
  versions: [3, 11],
  flexibleFrom: 9,
  request: struct({
    transactionalId: nullableString.since(3).default(null),
    acks: int16,
    timeoutMs: int32,
    topicData: array(
      struct({
        name: string,
        partitionData: array(
          struct({
            index: int32,
            records: nullableBytes,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    responses: array(
      struct({
        name: string,
        partitionResponses: array(
          struct({
            index: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: int64.since(2).default(-1),
            logStartOffset: int64.since(5).default(-1),
            recordErrors: array(
              struct({
                batchIndex: int32.since(8),
                batchIndexErrorMessage: nullableString.since(8).default(null),
              }),
            ).since(8),
            errorMessage: nullableString.since(8).default(null),
            currentLeader: struct({
              leaderId: int32.since(10).default(-1),
              leaderEpoch: int32.since(10).default(-1),
            }).tagged(0, 10),
          }),
        ),
      }),
    ),
    throttleTimeMs: int32.since(1),
    nodeEndpoints: array(
      struct({
        nodeId: int32.since(10),
        host: string.since(10),
        port: int32.since(10),
        rack: nullableString.since(10).default(null),
      }),
    ).tagged(0, 10),
  }),
})
