// What tests against golden files share: values and schemas as the files hold them, and their words.
export { type SchemaJson, schemaJson, schemaOf } from './schema-json.ts'
export { type Tagged, tagged, untagged } from './tagged.ts'
export { schemaText, valueText } from './words.ts'
