// What the schema languages share. Each language has an entry of its own.
export {
  COMPATIBILITY_LEVELS,
  type CompatibilityLevel,
  findingsAtLevel,
  type LevelFinding,
} from './compatibility-level.ts'
export {
  type Incompatibility,
  type ParsedSchema,
  type ParseOptions,
  type ReferencedTexts,
  type SchemaLanguage,
  SchemaParseException,
  type SchemaReference,
  type SchemaType,
} from './language.ts'
