// Avro under the reference's class name, and without a registry under our own.
import type { AnyPluginDescriptor } from '@millrace/api'
import { VERSION } from '../version.ts'

const loadEmbedded = async () => (await import('./embedded-avro-converter.ts')).EmbeddedAvroConverter
const EMBEDDED = 'millrace.EmbeddedAvroConverter'

/** The Avro converters; the one without a registry is a header converter, too. */
export const avroPlugins: readonly AnyPluginDescriptor[] = [
  {
    kind: 'converter',
    className: 'io.confluent.connect.avro.AvroConverter',
    version: VERSION,
    load: async () => (await import('./avro-converter.ts')).AvroConverter,
  },
  { kind: 'converter', className: EMBEDDED, version: VERSION, load: loadEmbedded },
  { kind: 'header_converter', className: EMBEDDED, version: VERSION, load: loadEmbedded },
]
