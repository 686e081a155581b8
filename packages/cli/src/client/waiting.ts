// Waits until connectors are as they were told to be: the REST API answers before the work is done.
import { setTimeout as pause } from 'node:timers/promises'
import { ExitCode } from '../exit-codes.ts'
import { ClientError } from './client-error.ts'
import type { ConnectApi, ConnectorStatus, State } from './connect-api.ts'
import { traceSummary } from './output.ts'

const POLL_MS = 200
/** A state counts when it has stood this long: right after a change the former one is still told. */
const STEADY_MS = 1_000

/**
 * Waits until the connector and its tasks have a state.
 * @throws ClientError with exit code FINDINGS when something failed, or at the end of `patienceMs`
 */
export async function waitForState(api: ConnectApi, name: string, wanted: State, patienceMs: number): Promise<void> {
  const giveUp = performance.now() + patienceMs
  let since = { outcome: 'neither', at: performance.now() }
  for (;;) {
    const status = await api.findStatus(name)
    const outcome = outcomeOf(status, wanted)
    const now = performance.now()
    if (outcome !== since.outcome) since = { outcome, at: now }
    // A stop shows by itself; what runs or has failed may have done so before the change.
    const steady = now - since.at >= (wanted === 'RUNNING' || outcome === 'failed' ? STEADY_MS : 0)
    if (outcome === 'reached' && steady) return
    if (outcome === 'failed' && steady) throw finding(failureOf(status!))
    if (now > giveUp) {
      throw finding(`Connector ${name} is not ${wanted} after ${patienceMs / 1000} s: ${summary(status)}.`)
    }
    await pause(POLL_MS)
  }
}

/** States in few words: `RUNNING, tasks 0 RUNNING, 1 FAILED`. */
export function summary(status: ConnectorStatus | undefined): string {
  if (status === undefined) return 'it has no status yet'
  const tasks = status.tasks.map((task) => `${task.id} ${task.state}`).join(', ')
  return `${status.connector.state}, ${tasks === '' ? 'no tasks' : `tasks ${tasks}`}`
}

function outcomeOf(status: ConnectorStatus | undefined, wanted: State): 'reached' | 'failed' | 'neither' {
  if (status === undefined) return 'neither'
  const all = [status.connector, ...status.tasks]
  if (wanted === 'STOPPED') {
    return status.connector.state === 'STOPPED' && status.tasks.length === 0 ? 'reached' : 'neither'
  }
  if (all.some((one) => one.state === 'FAILED')) return 'failed'
  if (wanted === 'RUNNING' && status.tasks.length === 0) return 'neither'
  return all.every((one) => one.state === wanted) ? 'reached' : 'neither'
}

function failureOf(status: ConnectorStatus): string {
  const failed = [
    { what: `Connector ${status.name}`, ...status.connector },
    ...status.tasks.map((task) => ({ what: `Task ${task.id} of connector ${status.name}`, ...task })),
  ].filter((one) => one.state === 'FAILED')
  return failed.map(({ what, trace }) => `${what} FAILED: ${traceSummary(trace ?? 'no trace')}`).join('\n')
}

function finding(message: string): ClientError {
  return new ClientError(ExitCode.FINDINGS, message)
}
