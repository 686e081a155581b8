// The runtime's public face: start a worker, and what its start takes. Distributed workers have an entry of their own, so that
// standalone ones need not load what they stand on.
export { type ConnectorDefinition, loadConnectorFile, loadWorkerFile } from './config/files.ts'
export type * from './control/entities.ts'
export type { Created, Herder } from './control/herder.ts'
export { createLogging, type Logging, type LoggingOptions } from './logging/logging.ts'
export type { LogFormat, LogTarget } from './logging/output.ts'
export { pluginModulesOf, resolveAndValidate } from './offline.ts'
export type { MetricSample } from './plane/messages.ts'
export { syncManifest } from './plugins/manifest.ts'
export { PluginRegistry } from './plugins/registry.ts'
export { createTlsServer as createHttpsListener } from './rest/tls.ts'
export { COMPATIBLE_VERSION } from './rest/version.ts'
export { type StandaloneOptions, type StandaloneWorker, startStandalone } from './standalone.ts'
