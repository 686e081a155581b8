// millrace pause, resume, stop, restart, delete: one change to some connectors.
import { seconds } from '../../numbers.ts'
import { isNotFound, usage } from '../client-error.ts'
import type { State } from '../connect-api.ts'
import { loadDocuments } from '../documents/load.ts'
import { namesOf } from '../names.ts'
import { openSession, type Session } from '../session.ts'
import type { ConnectionOptions } from '../settings.ts'
import { waitForState } from '../waiting.ts'

export interface ActionOptions extends ConnectionOptions {
  readonly all?: boolean
  /** Seconds, or true for the default. */
  readonly wait?: string | boolean
}
export interface RestartOptions extends ActionOptions {
  readonly task?: string
  readonly connectorOnly?: boolean
  readonly onlyFailed?: boolean
}
export interface DeleteOptions extends ActionOptions {
  readonly filename?: readonly string[]
  readonly recursive?: boolean
  readonly ignoreNotFound?: boolean
}

const DEFAULT_WAIT_MS = 60_000
const DONE: Readonly<Record<State, string>> = { RUNNING: 'resumed', PAUSED: 'paused', STOPPED: 'stopped' }

/** How long `--wait` waits, in ms; undefined without it. */
export function patience(wait: string | boolean | undefined): number | undefined {
  if (wait === undefined || wait === false) return undefined
  return wait === true ? DEFAULT_WAIT_MS : seconds('--wait', wait)
}

/** Pauses, resumes or stops. */
export async function setState(state: State, args: readonly string[], options: ActionOptions): Promise<void> {
  const session = openSession(options)
  await each(session, await namesOf(session.api, args, options.all), DONE[state], async (name) => {
    await session.api.setState(name, state)
  })
  await waitForAll(session, args, options, state)
}

/** Restarts connectors with their tasks, or parts of them. */
export async function restart(args: readonly string[], options: RestartOptions): Promise<void> {
  const session = openSession(options)
  const { api } = session
  if (options.task !== undefined) {
    const task = Number(options.task)
    if (!/^\d+$/.test(options.task)) throw usage(`'${options.task}' is no task: a task is a number from 0.`)
    if (options.connectorOnly || options.onlyFailed)
      throw usage('--task goes with neither --connector-only nor --only-failed.')
    await each(session, await namesOf(api, args, options.all), `task ${task} restarted`, (name) =>
      api.restartTask(name, task),
    )
  } else {
    const tasks = options.connectorOnly !== true
    const onlyFailed = options.onlyFailed === true
    await each(
      session,
      await namesOf(api, args, options.all),
      onlyFailed ? 'restarted what failed' : 'restarted',
      (name) => api.restart(name, tasks, onlyFailed),
    )
  }
  await waitForAll(session, args, options, 'RUNNING')
}

/** Deletes connectors, by name or by the files that they were applied from. */
export async function remove(args: readonly string[], options: DeleteOptions): Promise<void> {
  const session = openSession(options)
  const files = options.filename ?? []
  const documents = files.length === 0 ? [] : await loadDocuments(files, { recursive: options.recursive === true })
  const named = documents.map((one) => one.name)
  const names =
    named.length > 0 && args.length === 0 && options.all !== true
      ? named
      : await namesOf(session.api, [...args, ...named], options.all)
  await each(session, names, 'deleted', async (name) => {
    try {
      await session.api.delete(name)
      return undefined
    } catch (error) {
      if (options.ignoreNotFound !== true || !isNotFound(error)) throw error
      return 'not there'
    }
  })
}

/** Does the work for each connector in turn and says so. What was done before a failure has been said. */
async function each(
  { out }: Session,
  names: readonly string[],
  done: string,
  work: (name: string) => Promise<unknown>,
): Promise<void> {
  const results: { readonly name: string; readonly result: string }[] = []
  try {
    for (const name of names) {
      const other = await work(name)
      const result = typeof other === 'string' ? other : done
      results.push({ name, result })
      out.line(`${name}: ${result}`)
    }
  } finally {
    out.data(results)
  }
}

async function waitForAll(
  session: Session,
  args: readonly string[],
  options: ActionOptions,
  state: State,
): Promise<void> {
  const patienceMs = patience(options.wait)
  if (patienceMs === undefined) return
  for (const name of await namesOf(session.api, args, options.all)) {
    await waitForState(session.api, name, state, patienceMs)
    session.out.line(`${name}: ${state}`)
  }
}
