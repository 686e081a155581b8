// The client of a Confluent-compatible schema registry, and what the converters that use one share.
export { SchemaRegistryClient, type SchemaRequest } from './client.ts'
export { CLIENT_CONFIG, REGISTRY_CONFIG, type RegistryConfig } from './config.ts'
export type { RegisteredSchema, SchemaText } from './entities.ts'
export { converterError, RegistryErrorCode, RegistryException } from './errors.ts'
export * from './framing.ts'
