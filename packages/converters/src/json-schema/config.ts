// The keys of JsonSchemaConverter beside those of the registry, with the reference's names and defaults.
import { type ConfigSpec, type ConfigValues, defineConfig, oneOf, oneOfIgnoringCase } from '@millrace/api'
import type { JsonOptions } from '../json/config.ts'

/** Keys about how Connect data and JSON schemas stand for each other. */
export const JSON_SCHEMA_DATA_KEYS = {
  'schemas.cache.config': {
    type: 'int',
    default: 1000,
    importance: 'low',
    doc: 'How many schemas are kept converted, for each topic and direction.',
  },
  'object.additional.properties': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether the schemas of structs allow properties that they do not name.',
  },
  'use.optional.for.nonrequired': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether properties that are not required are optional fields.',
  },
  'ignore.modern.dialects': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether schemas of the drafts after 7 are read as draft 7.',
  },
  'decimal.format': {
    type: 'string',
    default: 'BASE64',
    validator: oneOfIgnoringCase('BASE64', 'NUMERIC'),
    importance: 'low',
    doc: "How decimals are written: 'BASE64' (bytes of the unscaled value) or 'NUMERIC' (a JSON number); the case does not matter. Both are read.",
  },
  'flatten.singleton.unions': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether a oneOf, anyOf or allOf of one schema is that schema.',
  },
  'preserve.additional.properties': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether properties that the schema allows and does not name are kept, each with its value, in a field of their own.',
  },
  'generalized.sum.type.support': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether enums and unions are marked in a way that converters of other formats understand, too.',
  },
  'ignore.default.for.nullables': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether a null is written as null even where its schema has a default.',
  },
} as const satisfies ConfigSpec

/** Keys of the serializer and the deserializer that have an effect. */
const TEXT_KEYS = {
  'json.fail.invalid.schema': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether each value is checked against its JSON schema, when it is written and when it is read.',
  },
  'json.indent.output': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether values are written over several lines.',
  },
} as const satisfies ConfigSpec

const NO_CLASSES = 'Has no effect here: schemas are those of Connect, and not made from classes.'
const NO_RULES = 'Has no effect here: rules of data contracts are not run.'

/** Keys of the serializer and the deserializer that say nothing here. */
const WITHOUT_EFFECT = {
  'json.fail.unknown.properties': { type: 'boolean', default: true, importance: 'low', doc: NO_CLASSES },
  'json.validate.before.domain.rules': { type: 'boolean', default: false, importance: 'low', doc: NO_RULES },
  'json.write.dates.iso8601': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Has no effect, as in the reference’s converter: dates of Connect are written as numbers.',
  },
  'json.schema.spec.version': {
    type: 'string',
    default: 'draft_7',
    validator: oneOf('draft_4', 'draft_6', 'draft_7', 'draft_2019_09', 'draft_2020_12'),
    importance: 'medium',
    doc: 'Has no effect, as in the reference’s converter: schemas that it makes name no draft.',
  },
  'json.schema.scan.packages': { type: 'list', default: '', importance: 'low', doc: NO_CLASSES },
  'json.envelope.detection': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Has no effect, as in the reference’s converter: values are never envelopes.',
  },
  'json.oneof.for.nullables': { type: 'boolean', default: true, importance: 'medium', doc: NO_CLASSES },
  'json.default.property.inclusion': { type: 'string', default: null, importance: 'medium', doc: NO_CLASSES },
  'json.key.type': { type: 'string', default: 'java.lang.Object', importance: 'medium', doc: NO_CLASSES },
  'json.value.type': { type: 'string', default: 'java.lang.Object', importance: 'medium', doc: NO_CLASSES },
  'type.property': { type: 'string', default: 'javaType', importance: 'medium', doc: NO_CLASSES },
  'json.type.allowed.packages': { type: 'list', default: '*', importance: 'medium', doc: NO_CLASSES },
  'validation.rules.execution': { type: 'string', default: 'DISABLED', importance: 'medium', doc: NO_RULES },
} as const satisfies ConfigSpec

export const JSON_SCHEMA_KEYS = {
  ...JSON_SCHEMA_DATA_KEYS,
  ...TEXT_KEYS,
  ...WITHOUT_EFFECT,
} as const satisfies ConfigSpec

/** The keys about data alone. */
export const JSON_SCHEMA_DATA_CONFIG = defineConfig(JSON_SCHEMA_DATA_KEYS)

/** How Connect data and JSON schemas stand for each other; `replaceNullWithDefault` is about writing. */
export interface JsonSchemaOptions extends JsonOptions {
  readonly allowOthers: boolean
  readonly optionalForNonRequired: boolean
  readonly ignoreModern: boolean
  readonly flattenSingletons: boolean
  readonly keepOthers: boolean
  readonly generalized: boolean
}

/** Options of parsed keys. */
export function jsonSchemaOptions(
  config: ConfigValues<typeof JSON_SCHEMA_DATA_KEYS>,
  isKey: boolean,
): JsonSchemaOptions {
  return {
    decimalFormat: config['decimal.format'].toUpperCase() === 'NUMERIC' ? 'NUMERIC' : 'BASE64',
    replaceNullWithDefault: !config['ignore.default.for.nullables'],
    exactEscapes: isKey,
    allowOthers: config['object.additional.properties'],
    optionalForNonRequired: config['use.optional.for.nonrequired'],
    ignoreModern: config['ignore.modern.dialects'],
    flattenSingletons: config['flatten.singleton.unions'],
    keepOthers: config['preserve.additional.properties'],
    generalized: config['generalized.sum.type.support'],
  }
}
