// The embedded single-node broker: the public face of @millrace/broker.
export { type BrokerOptions, type RunningBroker, startBroker } from './broker.ts'
export { BrokerError } from './errors.ts'
export { consoleLogger, type Logger, silentLogger } from './logger.ts'
export type { FileIo } from './storage/file-io.ts'
