// Where the binlog is read from, and whether the server still has it.
import { ConnectException } from '@millrace/api'
import { MysqlGtidSet } from './binlog/gtid.ts'
import { MariaDbGtidSet } from './binlog/gtid-mariadb.ts'
import type { BinlogStart } from './binlog/server-connection.ts'
import type { Config } from './config.ts'
import type { ResumePoint } from './offset.ts'
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

/** An error when the server no longer has what comes after the offset; undefined when it has, or will itself say. */
export async function checkStart(
  server: Server,
  resume: ResumePoint,
  config: Config,
): Promise<ConnectException | undefined> {
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
