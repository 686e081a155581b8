// Metadata (API key 3): request and response of all versions, fields in the order of the wire.
import { defineApi } from '../api.ts'
import { array, bool, int16, int32, nullableArray, nullableString, string, struct, uuid } from '../types.ts'

export const Metadata = defineApi({
  key: 3,
  name: 'Metadata',
  versions: [0, 12],
  flexibleFrom: 9,
  request: struct({
    topics: nullableArray(
      struct({
        topicId: uuid.since(10),
        name: nullableString,
      }),
    ),
    allowAutoTopicCreation: bool.since(4).default(true),
    includeClusterAuthorizedOperations: bool.since(8).until(10),
    includeTopicAuthorizedOperations: bool.since(8),
  }),
  response: struct({
    throttleTimeMs: int32.since(3),
    brokers: array(
      struct({
        nodeId: int32,
        host: string,
        port: int32,
        rack: nullableString.since(1).default(null),
      }),
    ),
    clusterId: nullableString.since(2).default(null),
    controllerId: int32.since(1).default(-1),
    topics: array(
      struct({
        errorCode: int16,
        name: nullableString,
        topicId: uuid.since(10),
        isInternal: bool.since(1),
        partitions: array(
          struct({
            errorCode: int16,
            partitionIndex: int32,
            leaderId: int32,
            leaderEpoch: int32.since(7).default(-1),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: array(int32).since(5),
          }),
        ),
        topicAuthorizedOperations: int32.since(8).default(-2147483648),
      }),
    ),
    clusterAuthorizedOperations: int32.since(8).until(10).default(-2147483648),
  }),
})
