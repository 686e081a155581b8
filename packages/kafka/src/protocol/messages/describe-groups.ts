// Describe Groups (API key 15): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, bytes, int16, int32, nullableString, string, struct } from '../types.ts'

export const DescribeGroups = defineApi({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexibleFrom: 5,
  request: struct({
    groups: array(string),
    includeAuthorizedOperations: bool.since(3),
  }),
  response: struct({
    throttleTimeMs: int32.since(1),
    groups: array(
      struct({
        errorCode: int16,
        groupId: string,
        groupState: string,
        protocolType: string,
        protocolData: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: nullableString.since(4).default(null),
            clientId: string,
            clientHost: string,
            memberMetadata: bytes,
            memberAssignment: bytes,
          }),
        ),
        authorizedOperations: int32.since(3).default(-2147483648),
      }),
    ),
  }),
})
