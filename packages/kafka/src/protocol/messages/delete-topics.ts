// Delete Topics (API key 20): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int16, int32, nullableString, string, struct, uuid } from '../types.ts'

export const DeleteTopics = defineApi({
  key: 20,
  name: 'DeleteTopics',
  versions: [0, 6],
  flexibleFrom: 4,
  request: struct({
    topics: array(
      struct({
        name: nullableString.since(6).default(null),
        topicId: uuid.since(6),
      }),
    ).since(6),
    topicNames: array(string).until(5),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32.since(1),
    responses: array(
      struct({
        name: nullableString,
        topicId: uuid.since(6),
        errorCode: int16,
        errorMessage: nullableString.since(5).default(null),
      }),
    ),
  }),
})
