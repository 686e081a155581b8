// Join Group (API key 11): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, bytes, int16, int32, nullableString, string, struct } from '../types.ts'

export const JoinGroup = defineApi({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleFrom: 6,
  request: struct({
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: int32.since(1).default(-1),
    memberId: string,
    groupInstanceId: nullableString.since(5).default(null),
    protocolType: string,
    protocols: array(
      struct({
        name: string,
        metadata: bytes,
      }),
    ),
    reason: nullableString.since(8).default(null),
  }),
  response: struct({
    throttleTimeMs: int32.since(2),
    errorCode: int16,
    generationId: int32.default(-1),
    protocolType: nullableString.since(7).default(null),
    protocolName: nullableString,
    leader: string,
    skipAssignment: bool.since(9),
    memberId: string,
    members: array(
      struct({
        memberId: string,
        groupInstanceId: nullableString.since(5).default(null),
        metadata: bytes,
      }),
    ),
  }),
})
