// The plugins of this package. Light: the code of a plugin is loaded when it is first used.
import { definePlugins } from '@millrace/api'
import { VERSION } from './version.ts'

/** Change data capture from MySQL and from MariaDB. */
export const plugins = definePlugins([
  {
    kind: 'source',
    className: 'io.debezium.connector.mysql.MySqlConnector',
    version: VERSION,
    load: async () => (await import('./connector.ts')).MySqlConnector,
  },
  {
    kind: 'source',
    className: 'io.debezium.connector.mariadb.MariaDbConnector',
    version: VERSION,
    load: async () => (await import('./connector.ts')).MariaDbConnector,
  },
])
