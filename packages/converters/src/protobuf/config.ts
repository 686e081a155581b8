// The keys of ProtobufConverter beside those of the registry, with the reference's names and defaults.
import { type ConfigSpec, type ConfigValues, defineConfig } from '@millrace/api'

/** Keys about how Connect data and Protobuf stand for each other. */
export const PROTOBUF_DATA_KEYS = {
  'schemas.cache.config': {
    type: 'int',
    default: 1000,
    importance: 'low',
    doc: 'How many schemas are kept converted, for each topic and direction.',
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
    doc: 'Whether a null in a struct is left out even where its field has a default.',
  },
  'enhanced.protobuf.schema.support': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether the names of structs, maps, unions and enums keep the package and the messages around them.',
  },
  'scrub.invalid.names': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether characters that Protobuf does not allow in names are replaced.',
  },
  'int.for.enums': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether the values of enums are read as their numbers and not as their names.',
  },
  'optional.for.nullables': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether optional fields are written with the label optional, and only fields with that label are read as optional.',
  },
  'optional.for.proto2': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether an optional field of proto2 that is not set is read as null, and not as its default.',
  },
  'wrapper.for.nullables': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether optional fields of primitive types are written as wrapper messages, and those are read as optional fields.',
  },
  'wrapper.for.raw.primitives': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Whether a wrapper message is read as the value that it wraps.',
  },
  'generate.struct.for.nulls': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether a message that is not set is read as a struct of defaults, and not as null.',
  },
  'generate.index.for.unions': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether the field that a oneof is read into has the index of the oneof at the end of its name.',
  },
  'flatten.unions': {
    type: 'boolean',
    default: false,
    importance: 'low',
    doc: 'Whether the members of a oneof are read as fields of the struct around it.',
  },
} as const satisfies ConfigSpec

/** Keys of the serializer about the files that a schema imports. */
const REFERENCE_KEYS = {
  'reference.lookup.only': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: 'Whether schemas that are referred to are only looked up in the registry, whatever is done with the schema itself.',
  },
  'skip.known.types': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether the well-known files of Google and Confluent are left out of what is registered.',
  },
  'reference.subject.name.strategy': {
    type: 'class',
    default: 'io.confluent.kafka.serializers.subject.DefaultReferenceSubjectNameStrategy',
    importance: 'low',
    doc: 'Under which subject a file that is imported is registered: its path, or its path with dots for slashes and without its ending.',
  },
} as const satisfies ConfigSpec

const NO_CLASSES = 'Has no effect here: there are no generated classes.'

/** Keys of the serializer and the deserializer that say nothing here. */
const WITHOUT_EFFECT = {
  'specific.protobuf.key.type': { type: 'class', default: 'java.lang.Object', importance: 'medium', doc: NO_CLASSES },
  'specific.protobuf.value.type': { type: 'class', default: 'java.lang.Object', importance: 'medium', doc: NO_CLASSES },
  'validation.rules.execution': {
    type: 'string',
    default: 'DISABLED',
    importance: 'medium',
    doc: 'Has no effect here: rules of data contracts are not run.',
  },
  'derive.type': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    doc: NO_CLASSES,
  },
} as const satisfies ConfigSpec

export const PROTOBUF_KEYS = {
  ...PROTOBUF_DATA_KEYS,
  ...REFERENCE_KEYS,
  ...WITHOUT_EFFECT,
} as const satisfies ConfigSpec

/** The keys alone, for use without a registry. */
export const PROTOBUF_DATA_CONFIG = defineConfig(PROTOBUF_DATA_KEYS)

/** How Connect data and Protobuf stand for each other. */
export interface ProtobufOptions {
  readonly generalized: boolean
  readonly ignoreDefaults: boolean
  readonly enhanced: boolean
  readonly scrub: boolean
  readonly intForEnums: boolean
  readonly optionalForNullables: boolean
  readonly optionalForProto2: boolean
  readonly wrapperForNullables: boolean
  readonly wrapperForRawPrimitives: boolean
  readonly generateStructForNulls: boolean
  readonly generateIndexForUnions: boolean
  readonly flattenUnions: boolean
}

/** Options of parsed keys. */
export function protobufOptions(config: ConfigValues<typeof PROTOBUF_DATA_KEYS>): ProtobufOptions {
  return {
    generalized: config['generalized.sum.type.support'],
    ignoreDefaults: config['ignore.default.for.nullables'],
    enhanced: config['enhanced.protobuf.schema.support'],
    scrub: config['scrub.invalid.names'],
    intForEnums: config['int.for.enums'],
    optionalForNullables: config['optional.for.nullables'],
    optionalForProto2: config['optional.for.proto2'],
    wrapperForNullables: config['wrapper.for.nullables'],
    wrapperForRawPrimitives: config['wrapper.for.raw.primitives'],
    generateStructForNulls: config['generate.struct.for.nulls'],
    generateIndexForUnions: config['generate.index.for.unions'],
    flattenUnions: config['flatten.unions'],
  }
}
