// The publication: which tables the server sends changes of.
import { ConnectException, errorMessage, type Logger } from '@millrace/api'
import type { PostgresConfig } from './config.ts'
import { literal, quoted } from './connection.ts'
import { sqlState } from './protocol/database-error.ts'
import { quotedTable, type Table, tableName } from './tables.ts'
import type { Ask } from './types/catalog.ts'

/** duplicate_object, and unique_violation where both were made at once. */
const ALREADY_THERE = new Set(['42710', '23505'])
const OPERATIONS = [
  ['c', 'insert'],
  ['u', 'update'],
  ['d', 'delete'],
  ['t', 'truncate'],
] as const

/**
 * Makes or changes the publication as `publication.autocreate.mode` says.
 * @throws ConnectException when there is none and it may not, or cannot, be made
 */
export async function preparePublication(
  ask: Ask,
  config: PostgresConfig,
  captured: readonly Table[],
  log: Logger,
): Promise<void> {
  const name = config['publication.name']
  const mode = config['publication.autocreate.mode']
  const [found] = await ask('SELECT puballtables FROM pg_catalog.pg_publication WHERE pubname = $1', [name])
  if (found === undefined) {
    if (mode === 'disabled') {
      throw new ConnectException(`There is no publication ${name}, and 'publication.autocreate.mode' is disabled`, {
        action: `CREATE PUBLICATION ${quoted(name)} FOR TABLE ...`,
      })
    }
    const what =
      mode === 'all_tables' ? ' FOR ALL TABLES' : mode === 'filtered' ? ` FOR TABLE ${listOf(captured, name)}` : ''
    try {
      await run(ask, `CREATE PUBLICATION ${quoted(name)}${what}${options(config)}`, name, mode)
    } catch (error) {
      // A worker that was killed while it made one is answered after its death.
      if (!ALREADY_THERE.has(sqlState((error as ConnectException).cause) ?? '')) throw error
      return preparePublication(ask, config, captured, log)
    }
    log.info(`Made the publication ${name} (${mode})`)
    return
  }
  if (mode !== 'filtered') return
  if (found.puballtables === true) {
    throw new ConnectException(
      `The publication ${name} is for all tables, and cannot be changed to the captured ones`,
      {
        action: `Drop it, or set 'publication.autocreate.mode' to 'all_tables'.`,
      },
    )
  }
  const rows = await ask('SELECT schemaname, tablename FROM pg_catalog.pg_publication_tables WHERE pubname = $1', [
    name,
  ])
  const now = new Set(rows.map((row) => `${row.schemaname}.${row.tablename}`))
  if (now.size === captured.length && captured.every((table) => now.has(tableName(table)))) return
  await run(ask, `ALTER PUBLICATION ${quoted(name)} SET TABLE ${listOf(captured, name)}`, name, mode)
  log.info(`Changed the publication ${name} to the captured tables`)
}

/** Sets replica identities as `replica.identity.autoset.values` says; what cannot be set is logged. */
export async function setReplicaIdentities(
  ask: Ask,
  config: PostgresConfig,
  captured: readonly Table[],
  log: Logger,
): Promise<void> {
  const rules = (config['replica.identity.autoset.values'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  for (const rule of rules) {
    const at = rule.lastIndexOf(':')
    const pattern = new RegExp(`^(?:${rule.slice(0, at)})$`, 'i')
    const wanted = rule.slice(at + 1).trim()
    const identity = /^INDEX\s+/i.test(wanted)
      ? `USING INDEX ${quoted(wanted.replace(/^INDEX\s+/i, ''))}`
      : wanted.toUpperCase()
    for (const table of captured) {
      if (!pattern.test(tableName(table))) continue
      if (table.replicaIdentity === identity[0]?.toLowerCase() && !identity.startsWith('USING')) continue
      try {
        await ask(`ALTER TABLE ${quotedTable(table)} REPLICA IDENTITY ${identity}`)
        log.info(`Replica identity of ${tableName(table)} is now ${wanted}`)
      } catch (error) {
        log.error(`Cannot set the replica identity of ${tableName(table)} to ${wanted}`, { error })
      }
    }
  }
}

function listOf(tables: readonly Table[], name: string): string {
  if (tables.length > 0) return tables.map(quotedTable).join(', ')
  throw new ConnectException(`No table is captured, so that there is nothing for the publication ${name}`, {
    action: `Check 'table.include.list' and 'schema.include.list'.`,
  })
}

function options(config: PostgresConfig): string {
  const parts = config['publish.via.partition.root'] ? ['publish_via_partition_root = true'] : []
  const skipped = config['skipped.operations'].map((one) => one.trim())
  // As in Debezium, operations that are skipped by default are published none the less.
  if (!['t', 'none', ''].includes(skipped.join())) {
    const published = OPERATIONS.filter(([code]) => !skipped.includes(code))
    parts.push(`publish = ${literal(published.map(([, name]) => name).join(', '))}`)
  }
  return parts.length === 0 ? '' : ` WITH (${parts.join(', ')})`
}

async function run(ask: Ask, statement: string, name: string, mode: string): Promise<void> {
  try {
    await ask(statement)
  } catch (cause) {
    const rights =
      mode === 'all_tables' ? 'a publication for all tables needs a superuser' : 'the user must own the tables'
    throw new ConnectException(`Cannot set up the publication ${name}: ${errorMessage(cause)}`, {
      cause,
      action: `Make it by hand, or check the user's rights: ${rights}.`,
    })
  }
}
