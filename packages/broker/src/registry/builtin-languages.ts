// The schema languages that come with the registry, each loaded when its first schema comes.
import type { LanguageLoaders } from './core/languages.ts'

export const BUILTIN_LANGUAGES: LanguageLoaders = Object.freeze({
  AVRO: async () => (await import('@millrace/schemas/avro')).AVRO,
  PROTOBUF: async () => (await import('@millrace/schemas/protobuf')).PROTOBUF,
  JSON: async () => (await import('@millrace/schemas/json')).JSON_SCHEMA,
})
