// Offset Fetch (API key 9): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int16, int32, int64, nullableArray, nullableString, string, struct } from '../types.ts'

export const OffsetFetch = defineApi({
  key: 9,
  name: 'OffsetFetch',
  versions: [0, 9],
  flexibleFrom: 6,
  request: struct({
    groupId: string.until(7),
    topics: nullableArray(
      struct({
        name: string.until(7),
        partitionIndexes: array(int32).until(7),
      }),
    ).until(7),
    groups: array(
      struct({
        groupId: string.since(8),
        memberId: nullableString.since(9).default(null),
        memberEpoch: int32.since(9).default(-1),
        topics: nullableArray(
          struct({
            name: string.since(8),
            partitionIndexes: array(int32).since(8),
          }),
        ).since(8),
      }),
    ).since(8),
    requireStable: bool.since(7),
  }),
  response: struct({
    throttleTimeMs: int32.since(3),
    topics: array(
      struct({
        name: string.until(7),
        partitions: array(
          struct({
            partitionIndex: int32.until(7),
            committedOffset: int64.until(7),
            committedLeaderEpoch: int32.since(5).until(7).default(-1),
            metadata: nullableString.until(7),
            errorCode: int16.until(7),
          }),
        ).until(7),
      }),
    ).until(7),
    errorCode: int16.since(2).until(7),
    groups: array(
      struct({
        groupId: string.since(8),
        topics: array(
          struct({
            name: string.since(8),
            partitions: array(
              struct({
                partitionIndex: int32.since(8),
                committedOffset: int64.since(8),
                committedLeaderEpoch: int32.since(8).default(-1),
                metadata: nullableString.since(8),
                errorCode: int16.since(8),
              }),
            ).since(8),
          }),
        ).since(8),
        errorCode: int16.since(8),
      }),
    ).since(8),
  }),
})
