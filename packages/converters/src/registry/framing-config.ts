// The keys that say where a schema's id stands: before the bytes, or in a header.
import { ConfigException, type ConfigSpec } from '@millrace/api'

const PACKAGE = 'io.confluent.kafka.serializers.schema.id.'
const WRITERS = { PrefixSchemaIdSerializer: 'prefix', HeaderSchemaIdSerializer: 'header' } as const
const READERS = {
  DualSchemaIdDeserializer: 'dual',
  PrefixSchemaIdDeserializer: 'prefix',
  ConfigSchemaIdDeserializer: 'config',
} as const

const writerKey = (which: 'key' | 'value') =>
  ({
    type: 'class',
    default: `${PACKAGE}PrefixSchemaIdSerializer`,
    importance: 'medium',
    doc:
      `How the id of a ${which}'s schema is written: before the bytes (PrefixSchemaIdSerializer) or as a GUID in the header ` +
      `__${which}_schema_id (HeaderSchemaIdSerializer); both of the package ${PACKAGE.slice(0, -1)}.`,
  }) as const
const readerKey = (which: 'key' | 'value') =>
  ({
    type: 'class',
    default: `${PACKAGE}DualSchemaIdDeserializer`,
    importance: 'medium',
    doc:
      `How the id of a ${which}'s schema is read: from the header or else from before the bytes (DualSchemaIdDeserializer), from ` +
      'before the bytes only (PrefixSchemaIdDeserializer), or from use.schema.id or use.schema.guid (ConfigSchemaIdDeserializer).',
  }) as const

/** The keys about framing. */
export const FRAMING_KEYS = {
  'key.schema.id.serializer': writerKey('key'),
  'key.schema.id.deserializer': readerKey('key'),
  'value.schema.id.serializer': writerKey('value'),
  'value.schema.id.deserializer': readerKey('value'),
} as const satisfies ConfigSpec

/** Where a schema's id is written. */
export type IdWriting = (typeof WRITERS)[keyof typeof WRITERS]
/** Where a schema's id is looked for: `dual` is the header first, `config` the converter's own configuration. */
export type IdReading = (typeof READERS)[keyof typeof READERS]

/** The keys that {@link idWriting} and {@link idReading} look at. */
export type FramingConfig = { readonly [K in keyof typeof FRAMING_KEYS]: string }

/** Where the id is to be written. @throws ConfigException for a class that is not known here */
export function idWriting(config: FramingConfig, isKey: boolean): IdWriting {
  const key = isKey ? 'key.schema.id.serializer' : 'value.schema.id.serializer'
  return find(WRITERS, key, config[key])
}

/** Where the id is to be found. @throws ConfigException for a class that is not known here */
export function idReading(config: FramingConfig, isKey: boolean): IdReading {
  const key = isKey ? 'key.schema.id.deserializer' : 'value.schema.id.deserializer'
  return find(READERS, key, config[key])
}

function find<T>(known: Readonly<Record<string, T>>, key: string, className: string): T {
  const found = known[className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : className]
  if (found !== undefined) return found
  const names = Object.keys(known).map((one) => PACKAGE + one)
  throw ConfigException.invalidValue(key, className, `a JVM class cannot be loaded here; known are ${names.join(', ')}`)
}
