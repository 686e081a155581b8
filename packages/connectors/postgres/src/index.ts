// The plugins of this package. Light: the code of a plugin is loaded when it is first used.
import { definePlugins } from '@millrace/api'
import { VERSION } from './version.ts'

/** Debezium's connector under its class name. */
export const plugins = definePlugins([
  {
    kind: 'source',
    className: 'io.debezium.connector.postgresql.PostgresConnector',
    version: VERSION,
    load: async () => (await import('./connector.ts')).PostgresConnector,
  },
])
