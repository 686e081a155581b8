// The Kafka client's public face.
export * from './admin/index.ts'
export { type ClusterClient, createCluster, SharedClusters } from './cluster/index.ts'
export type { ClientProps } from './config/client-config.ts'
export { clientDefinition } from './config/definitions.ts'
export * from './consumer/index.ts'
export { isRetriable, KafkaException } from './errors.ts'
export * from './group/index.ts'
export * from './producer/index.ts'
