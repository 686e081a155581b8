// What connector authors test with. Light: it starts nothing; launchers of services are in `@millrace/testkit/services`.
export {
  type ContextOptions,
  type LoggedLine,
  MemoryOffsets,
  memoryLogger,
  type SinkRequests,
  sinkTaskContext,
  sourceConnectorContext,
  sourceTaskContext,
} from './contexts.ts'
export { type SinkSubject, sinkContract } from './contract/sink.ts'
export { type SourceSubject, sourceContract } from './contract/source.ts'
export { type TemporaryFolder, temporaryFolder } from './folder.ts'
export type { BrokerOptions, BrokerService } from './services/broker-service.ts'
export { findKafkaLib, type KafkaOptions, runKafkaTool, startKafka, whyNoKafka } from './services/kafka.ts'
export { freePorts } from './services/ports.ts'
export { type ProcessOptions, ServiceProcess } from './services/process.ts'
export { until, within } from './until.ts'
