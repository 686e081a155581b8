// The converters of this package under the reference's class names. Light: a converter's code is loaded on first use.
import { type AnyPluginDescriptor, type Converter, definePlugins, type HeaderConverter } from '@millrace/api'
import { avroPlugins } from './avro/plugins.ts'
import { debeziumPlugins } from './cloud-events/plugins.ts'
import { jsonSchemaPlugins } from './json-schema/plugins.ts'
import { protobufPlugins } from './protobuf/plugins.ts'
import { rawPlugins } from './raw/plugins.ts'
import { VERSION } from './version.ts'

/** Each of these is a converter and a header converter, as in the reference. */
const BOTH: Readonly<Record<string, () => Promise<new () => Converter & HeaderConverter>>> = {
  'org.apache.kafka.connect.storage.StringConverter': async () =>
    (await import('./string-converter.ts')).StringConverter,
  'org.apache.kafka.connect.json.JsonConverter': async () => (await import('./json/json-converter.ts')).JsonConverter,
  'org.apache.kafka.connect.converters.ByteArrayConverter': async () =>
    (await import('./byte-array-converter.ts')).ByteArrayConverter,
  'org.apache.kafka.connect.converters.BooleanConverter': async () =>
    (await import('./boolean-converter.ts')).BooleanConverter,
  'org.apache.kafka.connect.converters.ShortConverter': async () =>
    (await import('./number-converters.ts')).ShortConverter,
  'org.apache.kafka.connect.converters.IntegerConverter': async () =>
    (await import('./number-converters.ts')).IntegerConverter,
  'org.apache.kafka.connect.converters.LongConverter': async () =>
    (await import('./number-converters.ts')).LongConverter,
  'org.apache.kafka.connect.converters.FloatConverter': async () =>
    (await import('./number-converters.ts')).FloatConverter,
  'org.apache.kafka.connect.converters.DoubleConverter': async () =>
    (await import('./number-converters.ts')).DoubleConverter,
}

/** Short names that stay those of Apache's class, though Debezium has one of the same simple name. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  'org.apache.kafka.connect.converters.ByteArrayConverter': ['ByteArrayConverter', 'ByteArray'],
}

/** Apache's converters and header converters, and the raw formats. */
export const plugins = definePlugins([
  ...Object.entries(BOTH).flatMap(([className, load]): AnyPluginDescriptor[] => [
    { kind: 'converter', className, aliases: ALIASES[className] ?? [], version: VERSION, load },
    { kind: 'header_converter', className, aliases: ALIASES[className] ?? [], version: VERSION, load },
  ]),
  {
    kind: 'header_converter',
    className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    version: VERSION,
    load: async () => (await import('./simple-header-converter.ts')).SimpleHeaderConverter,
  },
  ...rawPlugins,
  ...avroPlugins,
  ...jsonSchemaPlugins,
  ...protobufPlugins,
  ...debeziumPlugins,
])
