// Sync Group (API key 14): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bytes, int16, int32, nullableString, string, struct } from '../types.ts'

export const SyncGroup = defineApi({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: nullableString.since(3).default(null),
    protocolType: nullableString.since(5).default(null),
    protocolName: nullableString.since(5).default(null),
    assignments: array(
      struct({
        memberId: string,
        assignment: bytes,
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32.since(1),
    errorCode: int16,
    protocolType: nullableString.since(5).default(null),
    protocolName: nullableString.since(5).default(null),
    assignment: bytes,
  }),
})
