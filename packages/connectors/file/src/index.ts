// The plugins of this package. Light: the code of a plugin is loaded when it is first used.
import { definePlugins } from '@millrace/api'
import { VERSION } from './version.ts'

/** FileStreamSource and FileStreamSink, under the reference's class names. */
export const plugins = definePlugins([
  {
    kind: 'source',
    className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    version: VERSION,
    load: async () => (await import('./source/connector.ts')).FileStreamSourceConnector,
  },
  {
    kind: 'sink',
    className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    version: VERSION,
    load: async () => (await import('./sink/connector.ts')).FileStreamSinkConnector,
  },
])
