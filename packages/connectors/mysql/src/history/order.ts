// Whether a record of the schema history lies before an offset, as Debezium decides it.
import type { OffsetMap } from '@millrace/api'
import { MysqlGtidSet } from '../binlog/gtid.ts'
import { MariaDbGtidSet } from '../binlog/gtid-mariadb.ts'

/** True when what was recorded at `position` was in force at `offset`. */
export function isAtOrBefore(position: OffsetMap, offset: OffsetMap): boolean {
  if (typeof position.gtids === 'string' && typeof offset.gtids === 'string') {
    if (position.gtids !== offset.gtids) return containsGtids(offset.gtids, position.gtids)
    return isSnapshot(position) || compareRest(position, offset) <= 0
  }
  // Names of files end in their number; beyond 999999 they grow longer.
  const [a, b] = [String(position.file ?? ''), String(offset.file ?? '')]
  if (a !== b) return a.length === b.length ? a < b : a.length < b.length
  const difference = Number(position.pos ?? 0) - Number(offset.pos ?? 0)
  if (difference !== 0) return difference < 0
  return isSnapshot(position) || compareRest(position, offset) <= 0
}

function compareRest(a: OffsetMap, b: OffsetMap): number {
  const events = Number(a.event ?? 0) - Number(b.event ?? 0)
  return events !== 0 ? events : Number(a.row ?? 0) - Number(b.row ?? 0)
}

function isSnapshot({ snapshot }: OffsetMap): boolean {
  return snapshot !== undefined && snapshot !== null && snapshot !== false
}

function containsGtids(outer: string, inner: string): boolean {
  return /^\d+-\d+-\d+/.test(outer.trim())
    ? MariaDbGtidSet.parse(outer).contains(MariaDbGtidSet.parse(inner))
    : MysqlGtidSet.parse(outer).contains(MysqlGtidSet.parse(inner))
}
