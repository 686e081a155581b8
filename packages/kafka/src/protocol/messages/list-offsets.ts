// List Offsets (API key 2): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int8, int16, int32, int64, string, struct } from '../types.ts'

export const ListOffsets = defineApi({
  key: 2,
  name: 'ListOffsets',
  versions: [0, 10],
  flexibleFrom: 6,
  request: struct({
    replicaId: int32,
    isolationLevel: int8.since(2),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            currentLeaderEpoch: int32.since(4).default(-1),
            timestamp: int64,
            maxNumOffsets: int32.until(0).default(1),
          }),
        ),
      }),
    ),
    timeoutMs: int32.since(10),
  }),
  response: struct({
    throttleTimeMs: int32.since(2),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            oldStyleOffsets: array(int64).until(0),
            timestamp: int64.since(1).default(-1),
            offset: int64.since(1).default(-1),
            leaderEpoch: int32.since(4).default(-1),
          }),
        ),
      }),
    ),
  }),
})
