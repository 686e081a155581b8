// Elect Leaders (API key 43): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int8, int16, int32, nullableArray, nullableString, string, struct } from '../types.ts'

export const ElectLeaders = defineApi({
  key: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexibleFrom: 2,
  request: struct({
    electionType: int8.since(1),
    topicPartitions: nullableArray(
      struct({
        topic: string,
        partitions: array(int32),
      }),
    ),
    timeoutMs: int32.default(60000),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16.since(1),
    replicaElectionResults: array(
      struct({
        topic: string,
        partitionResult: array(
          struct({
            partitionId: int32,
            errorCode: int16,
            errorMessage: nullableString,
          }),
        ),
      }),
    ),
  }),
})
