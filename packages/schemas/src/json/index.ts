// JSON Schema: parsing, text forms, compatibility.
export { isArray, isObject, type JsonNode, JsonNumber, type JsonObject, parseJson, printJson } from '../json-text.ts'
export { JSON_SCHEMA, type ParsedJsonSchema, parseJsonSchema } from './language.ts'
export type { Located } from './references.ts'
