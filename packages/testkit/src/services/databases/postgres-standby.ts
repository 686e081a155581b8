// A hot standby of a PostgreSQL for tests, made from a backup of it while it runs; it can be promoted.
// https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Postgres, startPostgres } from './postgres.ts'
import { giveTo, unprivilegedUser } from './unprivileged.ts'

/** Name of the standby on its primary, and of its slot there. */
export const STANDBY = 'standby'

/** Options of {@link startPostgresStandby}. */
export interface StandbyOptions {
  /** Where the standby reaches its primary; default the primary's own port. */
  readonly port?: number
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * A standby that streams from `primary`, which keeps its log for it in a slot. Reads; `SELECT pg_promote()` makes it a primary.
 * @throws Error when it does not start
 */
export async function startPostgresStandby(primary: Postgres, options: StandbyOptions = {}): Promise<Postgres> {
  const { default: pg } = await import('pg')
  const { hostname, port, username, password, pathname } = new URL(primary.url)
  const user = unprivilegedUser()
  const fill = async (dataFolder: string) => {
    const client = new pg.Client({ connectionString: primary.url })
    await client.connect()
    try {
      await client.query(`SELECT pg_create_physical_replication_slot('${STANDBY}', true)`)
      await client.query(`SELECT pg_backup_start('standby', true)`)
      cpSync(primary.dataFolder, dataFolder, {
        recursive: true,
        filter: (path) => !/postmaster\.(pid|opts)$/.test(path),
      })
      const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(false)')
      const added = { backup_label: String(rows[0]?.labelfile), 'standby.signal': '' }
      for (const [name, text] of Object.entries(added)) writeFileSync(join(dataFolder, name), text)
      // Slots are not part of a backup.
      rmSync(join(dataFolder, 'pg_replslot'), { recursive: true, force: true })
      mkdirSync(join(dataFolder, 'pg_replslot'), { mode: 0o700 })
      const all = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
      giveTo(user, dataFolder, ...all.map((name) => join(dataFolder, name)))
    } finally {
      await client.end()
    }
  }
  const at = `host=${hostname} port=${options.port ?? port} user=${username} password=${password}`
  return startPostgres({
    version: primary.version,
    fill,
    settings: {
      primary_conninfo: `${at} dbname=${pathname.slice(1)} application_name=${STANDBY}`,
      primary_slot_name: STANDBY,
      hot_standby_feedback: 'on',
      wal_receiver_status_interval: '1s',
      wal_retrieve_retry_interval: '100ms',
      ...options.settings,
    },
  })
}
