// Avro under the reference's class name, and without a registry under our own.
import type { AnyPluginDescriptor } from '@millrace/api'
import { VERSION } from '../version.ts'

/** The Avro converters. */
export const avroPlugins: readonly AnyPluginDescriptor[] = [
  {
    kind: 'converter',
    className: 'io.confluent.connect.avro.AvroConverter',
    version: VERSION,
    load: async () => (await import('./avro-converter.ts')).AvroConverter,
  },
]
