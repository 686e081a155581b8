// The cluster as a client sees it: entry of this room.

export { type ClusterOptions, createCluster } from './cluster.ts'
export {
  type ClusterClient,
  type CommonGround,
  type CoordinatorKind,
  DATA_LANE,
  type SendToNode,
} from './cluster-client.ts'
export type { PartitionMetadata, TopicMetadata } from './metadata-cache.ts'
export { SharedClusters } from './shared-clusters.ts'
