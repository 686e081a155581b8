// Compares outcomes, table by table, column by column, cell by cell.
import type { Outcome, Outcomes, Table } from './tables.ts'

/** One place where both are not the same; absent is null. */
export interface Difference {
  /** `case`, `case.table`, `case.table.columns[1]`, `case.table.key` or `case.table.rows[0][1]`. */
  readonly at: string
  readonly theirs: string | null
  readonly ours: string | null
}

/** All differences of two runs. */
export function compare(theirs: Outcomes, ours: Outcomes): Difference[] {
  return Object.keys({ ...theirs, ...ours }).flatMap((name) => compareCase(name, theirs[name], ours[name]))
}

function compareCase(name: string, theirs: Outcome | undefined, ours: Outcome | undefined): Difference[] {
  if (theirs === undefined || ours === undefined) return [differ(name, theirs && 'run', ours && 'run')]
  const state = (one: Outcome) => (one.failed ? 'failed' : 'written')
  const found = theirs.failed === ours.failed ? [] : [differ(name, state(theirs), state(ours))]
  // Where both fail, what lies about unfinished is nobody's promise.
  if (theirs.failed && ours.failed) return []
  for (const table of Object.keys({ ...theirs.tables, ...ours.tables })) {
    found.push(...compareTable(`${name}.${table}`, theirs.tables[table], ours.tables[table]))
  }
  return found
}

function compareTable(at: string, theirs: Table | undefined, ours: Table | undefined): Difference[] {
  if (theirs === undefined || ours === undefined) return [differ(at, theirs && 'table', ours && 'table')]
  const found = pairs(`${at}.columns`, theirs.columns, ours.columns)
  if (theirs.key.join() !== ours.key.join()) found.push(differ(`${at}.key`, theirs.key.join(), ours.key.join()))
  for (let i = 0; i < Math.max(theirs.rows.length, ours.rows.length); i++) {
    const [one, other] = [theirs.rows[i], ours.rows[i]]
    if (one === undefined || other === undefined) {
      found.push(differ(`${at}.rows[${i}]`, one && JSON.stringify(one), other && JSON.stringify(other)))
    } else found.push(...pairs(`${at}.rows[${i}]`, one, other))
  }
  return found
}

function pairs(at: string, theirs: readonly (string | null)[], ours: readonly (string | null)[]): Difference[] {
  const found: Difference[] = []
  for (let i = 0; i < Math.max(theirs.length, ours.length); i++) {
    const [one, other] = [theirs[i] ?? null, ours[i] ?? null]
    if (one !== other) found.push(differ(`${at}[${i}]`, one, other))
  }
  return found
}

function differ(at: string, theirs: string | null | undefined, ours: string | null | undefined): Difference {
  return { at, theirs: theirs ?? null, ours: ours ?? null }
}
