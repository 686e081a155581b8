// Heartbeat (API key 12): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { int16, int32, nullableString, string, struct } from '../types.ts'

export const Heartbeat = defineApi({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: nullableString.since(3).default(null),
  }),
  response: struct({
    throttleTimeMs: int32.since(1),
    errorCode: int16,
  }),
})
