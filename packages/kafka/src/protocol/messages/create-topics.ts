// Create Topics (API key 19): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int8, int16, int32, nullableArray, nullableString, string, struct, uuid } from '../types.ts'

export const CreateTopics = defineApi({
  key: 19,
  name: 'CreateTopics',
  versions: [0, 7],
  flexibleFrom: 5,
  request: struct({
    topics: array(
      struct({
        name: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: array(
          struct({
            partitionIndex: int32,
            brokerIds: array(int32),
          }),
        ),
        configs: array(
          struct({
            name: string,
            value: nullableString,
          }),
        ),
      }),
    ),
    timeoutMs: int32.default(60000),
    validateOnly: bool.since(1),
  }),
  response: struct({
    throttleTimeMs: int32.since(2),
    topics: array(
      struct({
        name: string,
        topicId: uuid.since(7),
        errorCode: int16,
        errorMessage: nullableString.since(1),
        topicConfigErrorCode: int16.tagged(0, 5),
        numPartitions: int32.since(5).default(-1),
        replicationFactor: int16.since(5).default(-1),
        configs: nullableArray(
          struct({
            name: string.since(5),
            value: nullableString.since(5),
            readOnly: bool.since(5),
            configSource: int8.since(5).default(-1),
            isSensitive: bool.since(5),
          }),
        ).since(5),
      }),
    ),
  }),
})
