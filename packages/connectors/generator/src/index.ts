// The plugins of this package. Light: the code of a plugin is loaded when it is first used.
import { definePlugins } from '@millrace/api'
import { VERSION } from './version.ts'

/** The generator under its own class name, and under that of Datagen with Datagen's keys. */
export const plugins = definePlugins([
  {
    kind: 'source',
    className: 'io.millrace.connect.generator.GeneratorSourceConnector',
    version: VERSION,
    load: async () => (await import('./connector.ts')).GeneratorSourceConnector,
  },
  {
    kind: 'source',
    className: 'io.confluent.kafka.connect.datagen.DatagenConnector',
    version: VERSION,
    load: async () => (await import('./datagen/connector.ts')).DatagenConnector,
  },
])
