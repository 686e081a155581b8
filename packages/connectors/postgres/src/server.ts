// What the server is, and whether it can be captured from.
import { ConnectException, type Logger } from '@millrace/api'
import type { PostgresConfig } from './config.ts'
import type { Ask } from './types/catalog.ts'

/** Facts of a server. */
export interface ServerFacts {
  /** As `server_version_num`: 150018 is 15.18. */
  readonly version: number
  readonly versionText: string
  readonly isStandby: boolean
}

const OLDEST = 100_000
const STANDBY_DECODING_SINCE = 160_000

/**
 * Reads the facts, and refuses a server that gives no changes.
 * @throws ConnectException saying what to set
 */
export async function checkServer(ask: Ask, config: PostgresConfig, log: Logger): Promise<ServerFacts> {
  const [row] = await ask(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text,
      current_setting('wal_level') AS level, pg_catalog.pg_is_in_recovery() AS standby,
      (SELECT rolreplication OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS replicates`,
  )
  const facts = { version: Number(row?.version), versionText: String(row?.text), isStandby: row?.standby === true }
  if (facts.version < OLDEST) {
    throw new ConnectException(`PostgreSQL ${facts.versionText} has no pgoutput`, {
      action: 'Use version 10 or later.',
    })
  }
  if (row?.level !== 'logical') {
    throw new ConnectException(
      `The server's wal_level is '${row?.level}', and has to be 'logical' to capture changes`,
      {
        action:
          'ALTER SYSTEM SET wal_level = logical, and restart the server; on Amazon RDS set rds.logical_replication to 1.',
      },
    )
  }
  if (facts.isStandby && facts.version < STANDBY_DECODING_SINCE) {
    throw new ConnectException(`A standby of PostgreSQL ${facts.versionText} gives no changes`, {
      action: `Set 'database.hostname' to the primary, or use version 16 or later.`,
    })
  }
  if (row?.replicates === false) {
    log.warn(
      `The user ${config['database.user']} has no right REPLICATION of its own: a slot can be used only if it has it by other means`,
    )
  }
  return facts
}
