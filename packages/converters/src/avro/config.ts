// The keys of AvroConverter beside those of the registry, with the reference's names and defaults.
import { type ConfigSpec, type ConfigValues, defineConfig } from '@millrace/api'

/** Keys about how Connect data and Avro stand for each other. */
export const AVRO_DATA_KEYS = {
  'schemas.cache.config': {
    type: 'int',
    default: 1000,
    importance: 'low',
    doc: 'How many schemas are kept converted, for each topic and direction.',
  },
  'enhanced.avro.schema.support': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether enums stay enums, and the members of unions go by their names with namespace.',
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
    doc: 'Whether a null in a struct is written as null even where its field has a default.',
  },
  'scrub.invalid.names': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether characters that Avro does not allow in names are replaced.',
  },
  'connect.meta.data': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether what Connect knows of a schema and Avro does not (name, version, doc, parameters, default) goes into the Avro schema.',
  },
  'discard.type.doc.default': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether only the docs and defaults of fields are kept, and not those of types. Deprecated in the reference.',
  },
  'allow.optional.map.keys': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether a map whose string keys are optional is an Avro map and not an array of entries.',
  },
  'flatten.singleton.unions': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether a union of one type is that type.',
  },
  'avro.fail.on.trailing.data': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether bytes that follow a value are an error.',
  },
} as const satisfies ConfigSpec

/** Keys of the serializer that say nothing here. */
const WITHOUT_EFFECT = {
  'avro.use.logical.type.converters': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Has no effect here: logical types are those of Connect.',
  },
  'avro.reflection.allow.null': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Has no effect here: there are no classes to look into.',
  },
  'avro.remove.java.properties': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Has no effect here: schemas made from Connect schemas have no properties of Java.',
  },
  'specific.avro.reader': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Has no effect here: there are no generated classes.',
  },
} as const satisfies ConfigSpec

export const AVRO_KEYS = { ...AVRO_DATA_KEYS, ...WITHOUT_EFFECT } as const satisfies ConfigSpec

/** The keys alone, for converters without a registry. */
export const AVRO_DATA_CONFIG = defineConfig(AVRO_DATA_KEYS)

/** How Connect data and Avro stand for each other. */
export interface AvroOptions {
  readonly enhanced: boolean
  readonly generalized: boolean
  readonly ignoreDefaults: boolean
  readonly scrub: boolean
  readonly metaData: boolean
  readonly discardTypeDocDefault: boolean
  readonly optionalMapKeys: boolean
  readonly flattenSingletons: boolean
  readonly failOnTrailing: boolean
}

/** Options of parsed keys. */
export function avroOptions(config: ConfigValues<typeof AVRO_DATA_KEYS>): AvroOptions {
  return {
    enhanced: config['enhanced.avro.schema.support'],
    generalized: config['generalized.sum.type.support'],
    ignoreDefaults: config['ignore.default.for.nullables'],
    scrub: config['scrub.invalid.names'],
    metaData: config['connect.meta.data'],
    discardTypeDocDefault: config['discard.type.doc.default'],
    optionalMapKeys: config['allow.optional.map.keys'],
    flattenSingletons: config['flatten.singleton.unions'],
    failOnTrailing: config['avro.fail.on.trailing.data'],
  }
}
