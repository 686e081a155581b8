// The plugins of this package. Light: the code of a plugin is loaded when it is first used.
import { definePlugins } from '@millrace/api'
import { VERSION } from './version.ts'

/** VerifiableSource and VerifiableSink, under the reference's class names. */
export const plugins = definePlugins([
  {
    kind: 'source',
    className: 'org.apache.kafka.connect.tools.VerifiableSourceConnector',
    version: VERSION,
    load: async () => (await import('./source/connector.ts')).VerifiableSourceConnector,
  },
  {
    kind: 'sink',
    className: 'org.apache.kafka.connect.tools.VerifiableSinkConnector',
    version: VERSION,
    load: async () => (await import('./sink/connector.ts')).VerifiableSinkConnector,
  },
])
