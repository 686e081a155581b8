// millrace top: what all connectors do now, again and again.
import { setTimeout as pause } from 'node:timers/promises'
import { positive, seconds } from '../../numbers.ts'
import { tableLines } from '../../output/table.ts'
import type { ConnectApi } from '../connect-api.ts'
import { HttpClient } from '../http.ts'
import { openSession } from '../session.ts'
import { type ConnectionOptions, settingsOf } from '../settings.ts'
import { type Figures, figuresOf } from '../top/metrics.ts'

export interface TopOptions extends ConnectionOptions {
  readonly interval: string
  readonly count?: string
  readonly metricsUrl?: readonly string[]
}

/** One connector at one moment. */
export interface TopRow {
  readonly name: string
  readonly type: string
  readonly state: string
  readonly tasks: number
  readonly running: number
  readonly failed: number
  /** Records per second since the former look; null at the first, and where no metrics are to be had. */
  readonly rate: number | null
  readonly lag: number | null
}

interface Look {
  readonly at: number
  readonly figures: ReadonlyMap<string, Figures> | null
}

const CLEAR_SCREEN = '\x1b[H\x1b[2J'

/** Looks every `interval` seconds until stopped, or `count` times. */
export async function top(options: TopOptions): Promise<void> {
  const everyMs = seconds('--interval', options.interval)
  const count = options.count === undefined ? Number.POSITIVE_INFINITY : positive('--count', options.count)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  const { api, out } = openSession(options)
  const sources = metricsSources(api, options)
  let before: Look | undefined
  for (let looks = 1; ; looks++) {
    const now: Look = { at: performance.now(), figures: await figuresFrom(sources) }
    const rows = await rowsOf(api, before, now)
    if (out.json) console.log(JSON.stringify({ time: new Date().toISOString(), connectors: rows }))
    else console.log(screen(rows, now.figures !== null, api.http.origin))
    before = now
    if (looks >= count) return
    await pause(everyMs, undefined, { signal: stop.signal }).catch(() => {})
    if (stop.signal.aborted) return
  }
}

/** The worker's own /metrics, or the exporters' addresses, one for each worker. */
function metricsSources(
  api: ConnectApi,
  { metricsUrl, ...options }: TopOptions,
): { readonly http: HttpClient; readonly path: string }[] {
  if (metricsUrl === undefined) return [{ http: api.http, path: '/metrics' }]
  return metricsUrl.map((url) => ({ http: new HttpClient(settingsOf({ ...options, url })), path: '' }))
}

/** Null when no source has metrics: a JVM's worker without an exporter. */
async function figuresFrom(sources: readonly { readonly http: HttpClient; readonly path: string }[]) {
  const texts = await Promise.all(
    sources.map(async ({ http, path }) => {
      const reply = await http.send('GET', path)
      return reply.status === 200 ? reply.text : undefined
    }),
  )
  const told = texts.filter((text) => text !== undefined)
  return told.length === 0 ? null : figuresOf(told.join('\n'))
}

async function rowsOf(api: ConnectApi, before: Look | undefined, now: Look): Promise<TopRow[]> {
  return [...(await api.all()).values()].map(({ info, status }) => {
    const tasks = status?.tasks ?? []
    const count = (state: string) => tasks.filter((task) => task.state === state).length
    return {
      name: info.name,
      type: info.type,
      state: status?.connector.state ?? 'UNASSIGNED',
      tasks: tasks.length,
      running: count('RUNNING'),
      failed: count('FAILED'),
      rate: rateOf(info.name, before, now),
      lag: now.figures?.get(info.name)?.lag ?? null,
    }
  })
}

function rateOf(name: string, before: Look | undefined, now: Look): number | null {
  const [from, to] = [before?.figures?.get(name)?.records, now.figures?.get(name)?.records]
  if (before === undefined || from === undefined || to === undefined) return null
  // Counters begin anew with a task.
  return Math.max(0, Math.round(((to - from) * 1000) / (now.at - before.at)))
}

function screen(rows: readonly TopRow[], hasMetrics: boolean, origin: string): string {
  const number = (value: number | null) => (value === null ? '-' : value.toLocaleString('en'))
  const sum = (what: 'tasks' | 'running' | 'failed') => rows.reduce((all, row) => all + row[what], 0)
  const head = `${origin}  ${rows.length} connectors, ${sum('running')} of ${sum('tasks')} tasks running, ${sum('failed')} failed`
  const hint = hasMetrics
    ? []
    : ['No metrics at this worker: name a JMX exporter with --metrics-url to see rates and lag.']
  const table = tableLines([
    ['NAME', 'TYPE', 'STATE', 'RUNNING', 'FAILED', 'RECORDS/S', 'LAG'],
    ...rows.map((row) => [
      row.name,
      row.type,
      row.state,
      `${row.running}/${row.tasks}`,
      String(row.failed),
      number(row.rate),
      number(row.lag),
    ]),
  ])
  return [process.stdout.isTTY ? CLEAR_SCREEN + head : head, ...hint, ...table].join('\n')
}
