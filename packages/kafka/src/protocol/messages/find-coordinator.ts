// Find Coordinator (API key 10): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int8, int16, int32, nullableString, string, struct } from '../types.ts'

export const FindCoordinator = defineApi({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexibleFrom: 3,
  request: struct({
    key: string.until(3),
    keyType: int8.since(1),
    coordinatorKeys: array(string).since(4),
  }),
  response: struct({
    throttleTimeMs: int32.since(1),
    errorCode: int16.until(3),
    errorMessage: nullableString.since(1).until(3),
    nodeId: int32.until(3),
    host: string.until(3),
    port: int32.until(3),
    coordinators: array(
      struct({
        key: string.since(4),
        nodeId: int32.since(4),
        host: string.since(4),
        port: int32.since(4),
        errorCode: int16.since(4),
        errorMessage: nullableString.since(4),
      }),
    ).since(4),
  }),
})
