// The Kafka client's public face.
export * from './consumer/index.ts'
export * from './group/index.ts'
export * from './producer/index.ts'
