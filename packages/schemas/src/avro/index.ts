// Avro schemas: parsing, text forms, fingerprints, compatibility.

export { isArray, isObject, type JsonNode, JsonNumber, type JsonObject, parseJson, printJson } from '../json-text.ts'
export { fitsDefault } from './defaults.ts'
export { type FingerprintAlgorithm, fingerprint } from './fingerprint.ts'
export { AVRO, avroSchema, type ParsedAvro, parseAvro } from './language.ts'
export { type LogicalType, logicalTypeOf } from './logical-type.ts'
export * from './model.ts'
export { type AvroName, resolveName } from './names.ts'
export { normalizeAvro } from './normalize.ts'
export { checkedFields, checkedMembers } from './parser.ts'
export { parsingCanonicalForm, printAvro } from './print.ts'
