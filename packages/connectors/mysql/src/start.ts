// Where the binlog is read from, and whether the server still has it.
import { ConnectException, type OffsetMap } from '@millrace/api'
import { type SnapshotMode, type SnapshotSwitches, snapshotPlan } from '@millrace/kit-cdc'
import { MysqlGtidSet } from './binlog/gtid.ts'
import { MariaDbGtidSet } from './binlog/gtid-mariadb.ts'
import type { BinlogStart } from './binlog/server-connection.ts'
import type { Config } from './config.ts'
import { type ResumePoint, readOffset } from './offset.ts'
import type { Server } from './server.ts'

/** The start that a stored offset asks for. */
export function startOf(
  { file, position, gtids }: ResumePoint,
  config: Config,
  kind: 'mysql' | 'mariadb',
): BinlogStart {
  if (gtids === null || config['gtid.ignore.on.recovery']) return { kind: 'position', file, position }
  if (kind === 'mysql') return { kind: 'gtid', executed: MysqlGtidSet.parse(gtids) }
  return { kind: 'mariadb-gtid', position: lastOfDomains(MariaDbGtidSet.parse(gtids)) }
}

/** A replica's position has one transaction of each domain: the newest, whichever server it is of. */
function lastOfDomains({ gtids }: MariaDbGtidSet): string {
  const newest = [...gtids].sort((a, b) => (a.sequence < b.sequence ? -1 : 1))
  return newest.reduce((set, gtid) => set.advance(gtid), MariaDbGtidSet.parse('')).toString()
}

/** What a start does. */
export interface StartPlan {
  readonly snapshot: boolean
  /** Rows are read, too. */
  readonly rows: boolean
  /** `stored`: the schemas are noted for the stored offset, at which streaming goes on; null: for the present end of the binlog. */
  readonly at: 'stored' | null
  readonly stream: boolean
  /** Streaming begins at the first file that the server has. */
  readonly fromBeginning: boolean
}

/**
 * The plan of a start, by snapshot.mode.
 * @param seen `lost`: the server said while it was streaming that the position is gone; `taken`: a snapshot that each
 *   start asks for was taken already, and this is a connection made anew
 * @throws ConnectException when the server no longer has what comes after the offset, and the mode does not read all anew
 */
export async function planOf(
  server: Server,
  stored: OffsetMap | null,
  config: Config,
  seen: { readonly lost: boolean; readonly taken: boolean },
): Promise<StartPlan> {
  const resume = stored === null ? null : readOffset(stored)
  const gone = resume === null ? undefined : await checkStart(server, resume, config)
  const mode = config['snapshot.mode'] as SnapshotMode
  const recovers = mode === 'recovery' || mode === 'schema_only_recovery'
  const state = {
    offsetExists: resume !== null,
    snapshotInProgress: resume?.inSnapshot ?? false,
    positionAvailable: gone === undefined && !seen.lost,
  }
  const again = seen.taken && (mode === 'always' || recovers)
  const plan = snapshotPlan(again ? 'initial' : mode, state, switchesOf(config))
  if (plan.positionLost) throw gone ?? lost('it said so')
  const snapshot = plan.data || plan.schema
  // What lies between the offset and now is still to be read: the schemas alone are made anew.
  const at = snapshot && !plan.data && recovers && resume !== null && !resume.inSnapshot ? 'stored' : null
  return { snapshot, rows: plan.data, at, stream: plan.stream, fromBeginning: mode === 'never' && resume === null }
}

/** What a start does whose offset is there and whose schema history is not. @throws ConnectException when the mode has no answer */
export function withoutHistory(stored: OffsetMap | null, config: Config): Pick<StartPlan, 'rows' | 'at'> | undefined {
  if (stored === null) return undefined
  const mode = config['snapshot.mode']
  if (mode === 'when_needed') return { rows: true, at: null }
  if (mode === 'configuration_based' && config['snapshot.mode.configuration.based.snapshot.on.schema.error']) {
    return { rows: false, at: 'stored' }
  }
  const topic = config['schema.history.internal.kafka.topic'] ?? config['schema.history.internal']
  throw new ConnectException(`The schema history is empty or missing: ${topic}`, {
    action:
      'If no captured table changed since the connector last ran, set snapshot.mode=recovery once; else reset its offsets.',
  })
}

function switchesOf(config: Config): SnapshotSwitches {
  return {
    data: config['snapshot.mode.configuration.based.snapshot.data'],
    schema: config['snapshot.mode.configuration.based.snapshot.schema'],
    stream: config['snapshot.mode.configuration.based.start.stream'],
    onSchemaError: config['snapshot.mode.configuration.based.snapshot.on.schema.error'],
    onDataError: config['snapshot.mode.configuration.based.snapshot.on.data.error'],
  }
}

/** An error when the server no longer has what comes after the offset; undefined when it has, or will itself say. */
async function checkStart(server: Server, resume: ResumePoint, config: Config): Promise<ConnectException | undefined> {
  if (resume.gtids !== null && !config['gtid.ignore.on.recovery']) {
    if (server.isMariaDb) return undefined
    const purged = await server.purged()
    const missing = purged.subtract(MysqlGtidSet.parse(resume.gtids))
    return missing.isEmpty ? undefined : lost(`transactions ${missing} of its GTID set are purged`)
  }
  const files = await server.files()
  return files.includes(resume.file)
    ? undefined
    : lost(`the binlog file ${resume.file} is not there; it has ${files.join(', ')}`)
}

function lost(why: string): ConnectException {
  return new ConnectException(`The server no longer has what comes after the stored offset: ${why}`, {
    action: 'Changes are lost. Use snapshot.mode=when_needed, or reset the offsets, to read all tables again.',
  })
}
