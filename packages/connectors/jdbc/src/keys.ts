// Configuration keys that several of the connectors here share.
import { type ConfigKeySpec, errorMessage, satisfies } from '@millrace/api'
import { DIALECT_NAMES, dialectOf, parseJdbcUrl, zoneOf } from '@millrace/kit-sql'

const checksUrl = satisfies('JDBC URL', (value) => {
  try {
    dialectOf(parseJdbcUrl(String(value)), '')
    return undefined
  } catch (error) {
    return errorMessage(error).replace(/^Invalid value for configuration [\w.]+: /, '')
  }
})

const checksZone = satisfies('time zone', (value) => {
  try {
    zoneOf(String(value))
    return undefined
  } catch {
    return 'Invalid time zone identifier: write for example UTC, Europe/Berlin or +02:00'
  }
})

export const urlKey = {
  type: 'string',
  // A URL may hold a password, so no message may quote it: the check words its own complaint.
  importance: 'high',
  group: 'Connection',
  width: 'long',
  displayName: 'JDBC URL',
  doc: 'Where the database is: `jdbc:postgresql://host:5432/db`, `jdbc:mysql://host:3306/db`, `jdbc:mariadb://host/db`, `jdbc:sqlite:/path/to/file.db`, each with `?property=value&...` as the JVM driver has it.',
} as const satisfies ConfigKeySpec

/** The complaint about a URL, or undefined. Kept out of the definition: the framework would quote the value. */
export function urlComplaint(value: string): string | undefined {
  return checksUrl('connection.url', value)
}

export const dialectKey = {
  type: 'string',
  default: '',
  importance: 'low',
  group: 'Connection',
  width: 'long',
  displayName: 'Database Dialect',
  validator: satisfies(`one of ${DIALECT_NAMES.join(', ')}, or empty`, (value) =>
    value === '' || DIALECT_NAMES.includes(String(value)) ? undefined : `There are ${DIALECT_NAMES.join(', ')}`,
  ),
  recommender: { validValues: () => ['', ...DIALECT_NAMES] },
  doc: 'Dialect of the database; empty to choose it by the URL.',
} as const satisfies ConfigKeySpec

export const zoneKey = {
  type: 'string',
  default: 'UTC',
  validator: checksZone,
  importance: 'medium',
  width: 'medium',
  displayName: 'DB Time Zone',
} as const
