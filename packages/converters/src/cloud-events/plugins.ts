// Debezium's converters under the reference's class names.
import type { AnyPluginDescriptor } from '@millrace/api'
import { VERSION } from '../version.ts'

/** CloudEventsConverter, which is no header converter. */
export const debeziumPlugins: readonly AnyPluginDescriptor[] = [
  {
    kind: 'converter',
    className: 'io.debezium.converters.CloudEventsConverter',
    version: VERSION,
    load: async () => (await import('./cloud-events-converter.ts')).CloudEventsConverter,
  },
]
