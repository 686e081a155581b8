// Everything a connector author imports.
export type { ByteSink, ByteSource } from './bytes.ts'
export {
  ConfigDef,
  type ConfigSpec,
  type ConfigValue,
  type ConfigValues,
  defineConfig,
  type InferConfig,
  type RawConfig,
} from './config/config-def.ts'
export type {
  ConfigKey,
  ConfigKeySpec,
  ConfigType,
  ConfigTypeMap,
  Importance,
  Recommender,
  Validator,
  Width,
} from './config/config-key.ts'
export { compileJavaRegex } from './config/java-regex.ts'
export { configValueToString, parseConfigValue } from './config/parse.ts'
export { Password } from './config/password.ts'
export { suggest } from './config/suggest.ts'
export * from './config/validators.ts'
export { Decimal } from './data/decimal.ts'
export {
  dateToString,
  doubleToString,
  floatToString,
  javaClassOf,
  numberToString,
  valueToString,
} from './data/java-text.ts'
export * from './data/logical.ts'
export { LogicalName } from './data/logical-names.ts'
export {
  type Field,
  fieldOf,
  isPrimitive,
  type Schema,
  SchemaType,
  schemaToString,
  type Value,
} from './data/schema.ts'
export { SchemaBuilder, Schemas } from './data/schema-builder.ts'
export { schemaEquals, valueEquals } from './data/schema-equals.ts'
export { projectSchema } from './data/schema-projector.ts'
export { validateValue } from './data/validate.ts'
export * as Values from './data/values.ts'
export * from './errors.ts'
export * from './plugin/config-provider.ts'
export * from './plugin/connector.ts'
export * from './plugin/converter.ts'
export * from './plugin/descriptor.ts'
export * from './plugin/logger.ts'
export * from './plugin/metrics.ts'
export * from './plugin/policy.ts'
export * from './plugin/rest-extension.ts'
export * from './plugin/sink-task.ts'
export * from './plugin/source-task.ts'
export * from './plugin/transformation.ts'
export { ConnectRecord, type RecordChanges } from './record/connect-record.ts'
export { type Header, Headers } from './record/headers.ts'
export { SinkRecord, type TimestampType } from './record/sink-record.ts'
export { type OffsetMap, SourceRecord, type SourceRecordInit } from './record/source-record.ts'
