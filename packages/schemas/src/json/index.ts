// JSON Schema: parsing, text forms, compatibility.
export { JSON_SCHEMA, type ParsedJsonSchema, parseJsonSchema } from './language.ts'
