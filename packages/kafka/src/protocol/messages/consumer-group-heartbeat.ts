// Consumer Group Heartbeat (API key 68): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, int16, int32, nullableArray, nullableString, nullableStruct, string, struct, uuid } from '../types.ts'

const topicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
})

export const ConsumerGroupHeartbeat = defineApi({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexibleFrom: 0,
  request: struct({
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    instanceId: nullableString.default(null),
    rackId: nullableString.default(null),
    rebalanceTimeoutMs: int32.default(-1),
    subscribedTopicNames: nullableArray(string).default(null),
    subscribedTopicRegex: nullableString.since(1).default(null),
    serverAssignor: nullableString.default(null),
    topicPartitions: nullableArray(
      struct({
        topicId: uuid,
        partitions: array(int32),
      }),
    ).default(null),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString.default(null),
    memberId: nullableString.default(null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: nullableStruct({
      topicPartitions: array(topicPartitions),
    }).default(null),
  }),
})
