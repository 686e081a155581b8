// Protobuf under the reference's class name.
import type { AnyPluginDescriptor } from '@millrace/api'
import { VERSION } from '../version.ts'

/** The Protobuf converter. */
export const protobufPlugins: readonly AnyPluginDescriptor[] = [
  {
    kind: 'converter',
    className: 'io.confluent.connect.protobuf.ProtobufConverter',
    version: VERSION,
    load: async () => (await import('./protobuf-converter.ts')).ProtobufConverter,
  },
]
