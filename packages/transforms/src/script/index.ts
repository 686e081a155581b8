// `@millrace/transforms/script`: types for those who write scripts.
export type {
  ScriptChanges,
  ScriptContext,
  ScriptFunction,
  ScriptHeaders,
  ScriptObject,
  ScriptRecord,
  ScriptResult,
  ScriptTransformation,
} from './api.ts'
