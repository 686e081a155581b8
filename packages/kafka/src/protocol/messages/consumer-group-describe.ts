// Consumer Group Describe (API key 69): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int8, int16, int32, nullableString, string, struct, uuid } from '../types.ts'

const assignment = struct({
  topicPartitions: array(
    struct({
      topicId: uuid,
      topicName: string,
      partitions: array(int32),
    }),
  ),
})

export const ConsumerGroupDescribe = defineApi({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexibleFrom: 0,
  request: struct({
    groupIds: array(string),
    includeAuthorizedOperations: bool,
  }),
  response: struct({
    throttleTimeMs: int32,
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString.default(null),
        groupId: string,
        groupState: string,
        groupEpoch: int32,
        assignmentEpoch: int32,
        assignorName: string,
        members: array(
          struct({
            memberId: string,
            instanceId: nullableString.default(null),
            rackId: nullableString.default(null),
            memberEpoch: int32,
            clientId: string,
            clientHost: string,
            subscribedTopicNames: array(string),
            subscribedTopicRegex: nullableString.default(null),
            assignment,
            targetAssignment: assignment,
            memberType: int8.since(1).default(-1),
          }),
        ),
        authorizedOperations: int32.default(-2147483648),
      }),
    ),
  }),
})
