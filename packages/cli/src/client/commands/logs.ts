// millrace logs: what workers wrote of a connector, from their log files; without a file, what REST tells of its fate.
import { setTimeout as pause } from 'node:timers/promises'
import { seconds } from '../../numbers.ts'
import { usage } from '../client-error.ts'
import type { ConnectApi } from '../connect-api.ts'
import { isAtLeast, isLevel, type LogLine, LogReader } from '../logs/lines.ts'
import { readLogs } from '../logs/tail.ts'
import { fits } from '../names.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import type { ConnectionOptions } from '../settings.ts'

export interface LogsOptions extends ConnectionOptions {
  readonly file?: readonly string[]
  readonly follow?: boolean
  readonly level?: string
  readonly task?: string
  readonly tail?: string
  readonly exitAfter?: string
}

const POLL_MS = 500

/** Prints the lines of connectors. Runs until it is stopped, with `follow`. */
export async function logs(connectors: readonly string[], options: LogsOptions): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  if (options.exitAfter !== undefined)
    setTimeout(() => stop.abort(), seconds('--exit-after', options.exitAfter)).unref()
  const { api, out } = openSession(options)
  if (options.file === undefined) return states(api, out, connectors, options.follow === true, stop.signal)
  await fromFiles(options.file, connectors, out, options, stop.signal)
}

async function fromFiles(
  paths: readonly string[],
  connectors: readonly string[],
  out: Output,
  options: LogsOptions,
  signal: AbortSignal,
): Promise<void> {
  const wanted = filterOf(connectors, options)
  const last = options.tail === undefined ? undefined : lastLines(options.tail)
  const readers = new Map(paths.map((path) => [path, new LogReader()]))
  const print = (line: LogLine, path: string) =>
    console.log(out.json ? JSON.stringify({ ...line, ...(paths.length > 1 && { file: path }) }) : line.text)
  // With --tail only the last lines of what is there already are printed; what comes later is printed all.
  const held: [LogLine, string][] = []
  let holding = last !== undefined
  const release = () => {
    if (!holding) return
    holding = false
    for (const [line, path] of last === undefined ? [] : held.slice(-last)) print(line, path)
    held.length = 0
  }
  const take = (text: string, path: string) => {
    const line = readers.get(path)!.read(text)
    if (!wanted(line)) return
    if (holding) held.push([line, path])
    else print(line, path)
  }
  await readLogs(paths, options.follow === true, signal, { line: take, caughtUp: release })
}

function filterOf(connectors: readonly string[], { level, task }: LogsOptions): (line: LogLine) => boolean {
  const least = level?.toUpperCase()
  if (least !== undefined && !isLevel(least))
    throw usage(`'${level}' is no level: there are trace, debug, info, warn, error.`)
  if (task !== undefined && !/^\d+$/.test(task)) throw usage(`'${task}' is no task: a task is a number from 0.`)
  return (line) =>
    (connectors.length === 0 || connectors.some((one) => line.connector !== undefined && fits(one, line.connector))) &&
    (task === undefined || line.task === Number(task)) &&
    (least === undefined || isAtLeast(line.level, least))
}

function lastLines(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw usage(`Invalid value ${text} for --tail: a whole number.`)
}

/** Without a log file: states and traces as the statuses tell them, then every change. */
async function states(
  api: ConnectApi,
  out: Output,
  connectors: readonly string[],
  follow: boolean,
  signal: AbortSignal,
): Promise<void> {
  const before = new Map<string, string>()
  for (;;) {
    for (const one of await currentStates(api, connectors)) {
      const key = `${one.connector} ${one.task ?? ''}`
      const value = `${one.state} ${one.worker} ${one.trace ?? ''}`
      const changed = before.get(key) !== value
      before.set(key, value)
      if (!changed) continue
      if (out.json) console.log(JSON.stringify({ time: new Date().toISOString(), ...one }))
      else {
        const where = one.task === undefined ? 'worker' : `task-${one.task}`
        const trace = one.trace === undefined ? '' : `\n${one.trace.trimEnd()}`
        console.log(`${new Date().toISOString()} [${one.connector}|${where}] ${one.state} on ${one.worker}${trace}`)
      }
    }
    if (!follow || signal.aborted) return
    await pause(POLL_MS, undefined, { signal }).catch(() => {})
    if (signal.aborted) return
  }
}

interface Told {
  readonly connector: string
  readonly task?: number
  readonly state: string
  readonly worker: string
  readonly trace?: string
}

async function currentStates(api: ConnectApi, connectors: readonly string[]): Promise<Told[]> {
  const all = [...(await api.all()).values()]
  return all
    .filter(({ info }) => connectors.length === 0 || connectors.some((one) => fits(one, info.name)))
    .flatMap(({ info, status }): Told[] => {
      if (status === undefined) return []
      const told = ({ state, worker_id, trace }: { state: string; worker_id: string; trace?: string }) => ({
        connector: info.name,
        state,
        worker: worker_id,
        ...(trace !== undefined && { trace }),
      })
      return [told(status.connector), ...status.tasks.map((task) => ({ ...told(task), task: task.id }))]
    })
}
