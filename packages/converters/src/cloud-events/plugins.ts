// Debezium's converters under the reference's class names.
import type { AnyPluginDescriptor } from '@millrace/api'
import { VERSION } from '../version.ts'

const BINARY = 'io.debezium.converters.BinaryDataConverter'
const loadBinary = async () => (await import('./delegating-bytes.ts')).BinaryDataConverter
const BYTES = 'io.debezium.converters.ByteArrayConverter'
const loadBytes = async () => (await import('./delegating-bytes.ts')).ByteArrayConverter

/** CloudEventsConverter, and those for bytes, which are header converters, too. */
export const debeziumPlugins: readonly AnyPluginDescriptor[] = [
  {
    kind: 'converter',
    className: 'io.debezium.converters.CloudEventsConverter',
    version: VERSION,
    load: async () => (await import('./cloud-events-converter.ts')).CloudEventsConverter,
  },
  { kind: 'converter', className: BINARY, version: VERSION, load: loadBinary },
  { kind: 'header_converter', className: BINARY, version: VERSION, load: loadBinary },
  { kind: 'converter', className: BYTES, version: VERSION, load: loadBytes },
  { kind: 'header_converter', className: BYTES, version: VERSION, load: loadBytes },
]
