// Describe Cluster (API key 60): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int8, int16, int32, nullableString, string, struct } from '../types.ts'

export const DescribeCluster = defineApi({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 1],
  flexibleFrom: 0,
  request: struct({
    includeClusterAuthorizedOperations: bool,
    endpointType: int8.since(1).default(1),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString.default(null),
    endpointType: int8.since(1).default(1),
    clusterId: string,
    controllerId: int32.default(-1),
    brokers: array(
      struct({
        brokerId: int32,
        host: string,
        port: int32,
        rack: nullableString.default(null),
      }),
    ),
    clusterAuthorizedOperations: int32.default(-2147483648),
  }),
})
