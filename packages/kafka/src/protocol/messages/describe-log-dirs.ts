// Describe Log Dirs (API key 35): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int16, int32, int64, nullableArray, string, struct } from '../types.ts'

export const DescribeLogDirs = defineApi({
  key: 35,
  name: 'DescribeLogDirs',
  versions: [0, 4],
  flexibleFrom: 2,
  request: struct({
    topics: nullableArray(
      struct({
        topic: string,
        partitions: array(int32),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16.since(3),
    results: array(
      struct({
        errorCode: int16,
        logDir: string,
        topics: array(
          struct({
            name: string,
            partitions: array(
              struct({
                partitionIndex: int32,
                partitionSize: int64,
                offsetLag: int64,
                isFutureKey: bool,
              }),
            ),
          }),
        ),
        totalBytes: int64.since(4).default(-1),
        usableBytes: int64.since(4).default(-1),
      }),
    ),
  }),
})
