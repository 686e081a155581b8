// Applies operations to the database in one transaction: in order where order shows, reduced to the last one of each key where it does not.
import { ConnectException, type SinkRecord } from '@millrace/api'
import { type Cell, rowKey, type SqlConnection } from '@millrace/kit-sql'
import type { TablePlan } from './plan.ts'

/** What is to be done with one record. */
export interface Task {
  readonly record: SinkRecord
  readonly plan: TablePlan
  readonly action: 'write' | 'delete' | 'truncate'
}

/** Rows of one kind that go into one statement, or several of at most the batch size. */
interface Run {
  readonly plan: TablePlan
  readonly action: Task['action']
  readonly rows: Cell[][]
}

/**
 * Writes all of `tasks` in one transaction; on an error nothing of it is left.
 * @param dryRun true to undo it all at the end: to learn whether it would go
 */
export async function applyAll(
  connection: SqlConnection,
  tasks: readonly Task[],
  batchSize: number,
  dryRun = false,
): Promise<void> {
  const runs = runsOf(tasks)
  if (runs.length === 0) return
  await connection.begin()
  try {
    for (const run of runs) await applyRun(connection, run, batchSize)
    if (dryRun) await connection.rollback()
    else await connection.commit()
  } catch (error) {
    if (connection.open) await connection.rollback().catch(() => connection.close())
    throw error
  }
}

async function applyRun(connection: SqlConnection, run: Run, batchSize: number): Promise<void> {
  if (run.action === 'truncate') {
    await connection.execute(run.plan.truncate as string)
    return
  }
  const operation = run.action === 'delete' ? run.plan.remove : run.plan.write
  if (operation === null) throw new ConnectException(`Deletes of table ${run.plan.table} need a key`)
  const { rows } = run
  if (batchSize <= 0 || rows.length <= batchSize) return operation.writer.write(connection, rows)
  for (let from = 0; from < rows.length; from += batchSize) {
    await operation.writer.write(connection, rows.slice(from, from + batchSize))
  }
}

/** Tables one after the other, in the order in which they first come. */
function runsOf(tasks: readonly Task[]): Run[] {
  const first = tasks[0]
  if (first === undefined) return []
  if (tasks.every((task) => task.plan.table === first.plan.table)) return runsOfTable(tasks)
  const tables = new Map<string, Task[]>()
  for (const task of tasks) {
    const list = tables.get(task.plan.table)
    if (list === undefined) tables.set(task.plan.table, [task])
    else list.push(task)
  }
  return [...tables.values()].flatMap(runsOfTable)
}

function runsOfTable(tasks: readonly Task[]): Run[] {
  const runs: Run[] = []
  for (let from = 0; from < tasks.length; ) {
    const { plan, action } = tasks[from] as Task
    let to = from + 1
    while (to < tasks.length && sameRun(plan, action, tasks[to] as Task)) to++
    const stretch = tasks.slice(from, to)
    if (plan.reducible && action !== 'truncate') runs.push(...reduced(plan, stretch))
    else runs.push({ plan, action, rows: action === 'truncate' ? [] : stretch.map((task) => bind(task)) })
    from = to
  }
  return runs
}

function sameRun(plan: TablePlan, action: Task['action'], next: Task): boolean {
  if (next.plan !== plan || next.action === 'truncate' || action === 'truncate') return false
  return plan.reducible || next.action === action
}

/** The last operation on each key; deletes and writes then touch different rows, and their order does not matter. */
function reduced(plan: TablePlan, tasks: readonly Task[]): Run[] {
  if (plan.remove === null || tasks.every((task) => task.action === 'write')) {
    return [{ plan, action: 'write', rows: tasks.map((task) => bind(task)) }]
  }
  const last = new Map<unknown, { action: Task['action']; row: Cell[] }>()
  for (const task of tasks) {
    const row = bind(task)
    const key = rowKey(row, plan.keys) ?? task
    last.delete(key)
    last.set(key, { action: task.action, row })
  }
  const rowsOf = (action: Task['action']) =>
    [...last.values()].filter((one) => one.action === action).map((one) => one.row)
  const runs: Run[] = [
    { plan, action: 'delete', rows: rowsOf('delete') },
    { plan, action: 'write', rows: rowsOf('write') },
  ]
  return runs.filter((run) => run.rows.length > 0)
}

function bind(task: Task): Cell[] {
  const operation = task.action === 'delete' ? task.plan.remove : task.plan.write
  try {
    return (operation as NonNullable<typeof operation>).bind(task.record)
  } catch (error) {
    throw new BindError(task, error)
  }
}

/** A record whose values do not become cells: no statement was sent yet. */
export class BindError extends Error {
  readonly task: Task
  override readonly name = 'BindError'

  constructor(task: Task, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.task = task
  }
}
