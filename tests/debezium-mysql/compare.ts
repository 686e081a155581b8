// What differs between the two connectors' records, schema changes and schema history.
import { compare as compareLines, type Difference } from '../debezium-common/compare.ts'
import type { Line } from '../debezium-common/lines.ts'

const VOLATILE = ['ts_ms', 'ts_us', 'ts_ns', 'ts_sec', 'pos', 'gtids', 'gtid', 'thread']

/** Every difference. Schema changes are found by their statements: a snapshot tells them in another order. */
export function compare(theirs: readonly Line[], ours: readonly Line[]): Difference[] {
  return compareLines(theirs, ours, { volatile: VOLATILE, nameOf })
}

function nameOf({ topic, value }: Line): string | undefined {
  const change = topic === 'ref' ? (value as { payload: Change }).payload : (value as Change)
  return topic === 'ref' || topic === 'ref-history' ? `${change.databaseName}: ${change.ddl}` : undefined
}

interface Change {
  readonly databaseName: string
  readonly ddl: string
}
