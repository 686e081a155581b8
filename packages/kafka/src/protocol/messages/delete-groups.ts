// Delete Groups (API key 42): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int16, int32, string, struct } from '../types.ts'

export const DeleteGroups = defineApi({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleFrom: 2,
  request: struct({
    groupsNames: array(string),
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(
      struct({
        groupId: string,
        errorCode: int16,
      }),
    ),
  }),
})
