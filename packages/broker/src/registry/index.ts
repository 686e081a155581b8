// The schema registry: the public face of @millrace/broker/registry.
export { BUILTIN_LANGUAGES } from './builtin-languages.ts'
export { REGISTRY_CONFIG } from './config.ts'
export type { LanguageLoaders } from './core/languages.ts'
export type { HttpsServerMaker, RequestHandler } from './listeners.ts'
export { type RegistryServerOptions, type RunningRegistry, startRegistry } from './server.ts'
