// Leave Group (API key 13): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int16, int32, nullableString, string, struct } from '../types.ts'

export const LeaveGroup = defineApi({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    memberId: string.until(2),
    members: array(
      struct({
        memberId: string.since(3),
        groupInstanceId: nullableString.since(3).default(null),
        reason: nullableString.since(5).default(null),
      }),
    ).since(3),
  }),
  response: struct({
    throttleTimeMs: int32.since(1),
    errorCode: int16,
    members: array(
      struct({
        memberId: string.since(3),
        groupInstanceId: nullableString.since(3),
        errorCode: int16.since(3),
      }),
    ).since(3),
  }),
})
