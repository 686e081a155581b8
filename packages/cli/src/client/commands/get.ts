// millrace get: lists of what a cluster has.
import { usage } from '../client-error.ts'
import type { Expanded } from '../connect-api.ts'
import { fits } from '../names.ts'
import { openSession, type Session } from '../session.ts'
import type { ConnectionOptions } from '../settings.ts'

export interface GetOptions extends ConnectionOptions {
  readonly failed?: boolean
  readonly all?: boolean
}

type Get = (session: Session, names: readonly string[], options: GetOptions) => Promise<void>

/** What can be listed; the first of a line's words is the name, the others do as well. */
const RESOURCES: readonly { readonly names: readonly string[]; readonly get: Get }[] = [
  { names: ['connectors', 'connector', 'c'], get: getConnectors },
  { names: ['tasks', 'task', 't'], get: getTasks },
  { names: ['plugins', 'plugin', 'p'], get: getPlugins },
  { names: ['topics', 'topic'], get: getTopics },
  { names: ['loggers', 'logger'], get: getLoggers },
  { names: ['worker', 'cluster'], get: getWorker },
]

/** Names of what can be listed. */
export const RESOURCE_NAMES: readonly string[] = RESOURCES.map((one) => one.names[0]!)

/** Lists things of one kind, those whose names fit. */
export async function get(resource: string, names: readonly string[], options: GetOptions): Promise<void> {
  const found = RESOURCES.find((one) => one.names.includes(resource.toLowerCase()))
  if (found === undefined) throw usage(`There is no '${resource}' to get; there are: ${RESOURCE_NAMES.join(', ')}.`)
  await found.get(openSession(options), names, options)
}

async function chosen({ api }: Session, names: readonly string[], { failed }: GetOptions): Promise<Expanded[]> {
  const all = [...(await api.all()).values()]
  return all.filter(
    ({ info, status }) =>
      (names.length === 0 || names.some((pattern) => fits(pattern, info.name))) &&
      (failed !== true || [status?.connector, ...(status?.tasks ?? [])].some((one) => one?.state === 'FAILED')),
  )
}

async function getConnectors(session: Session, names: readonly string[], options: GetOptions): Promise<void> {
  const rows = (await chosen(session, names, options)).map(({ info, status }) => ({
    name: info.name,
    type: info.type,
    class: info.config['connector.class'] ?? '',
    state: status?.connector.state ?? 'UNASSIGNED',
    worker: status?.connector.worker_id ?? '',
    tasks: (status?.tasks ?? []).map(({ id, state, worker_id }) => ({ id, state, worker: worker_id })),
  }))
  session.out.data(rows)
  session.out.table(
    ['NAME', 'TYPE', 'STATE', 'TASKS', 'WORKER', 'CLASS'],
    rows.map((row) => [row.name, row.type, row.state, taskCounts(row.tasks), row.worker, shortClass(row.class)]),
  )
}

async function getTasks(session: Session, names: readonly string[], options: GetOptions): Promise<void> {
  const rows = (await chosen(session, names, options)).flatMap(({ info, status }) =>
    (status?.tasks ?? [])
      .filter((task) => options.failed !== true || task.state === 'FAILED')
      .map(({ id, state, worker_id, trace }) => ({
        connector: info.name,
        id,
        state,
        worker: worker_id,
        ...(trace !== undefined && { trace }),
      })),
  )
  session.out.data(rows)
  session.out.table(
    ['CONNECTOR', 'TASK', 'STATE', 'WORKER'],
    rows.map((row) => [row.connector, String(row.id), row.state, row.worker]),
  )
}

async function getPlugins({ api, out }: Session, names: readonly string[], options: GetOptions): Promise<void> {
  const all = await api.plugins(options.all !== true)
  const rows = all.filter((one) => names.length === 0 || names.some((pattern) => fits(pattern, one.class)))
  out.data(rows)
  out.table(
    ['TYPE', 'CLASS', 'VERSION'],
    rows.map((row) => [row.type, row.class, row.version ?? '']),
  )
}

async function getTopics(session: Session, names: readonly string[], options: GetOptions): Promise<void> {
  const connectors = (await chosen(session, names, options)).map((one) => one.info.name)
  const rows = await Promise.all(
    connectors.map(async (connector) => ({ connector, topics: await session.api.topics(connector) })),
  )
  session.out.data(rows)
  session.out.table(
    ['CONNECTOR', 'TOPIC'],
    rows.flatMap(({ connector, topics }) => topics.map((topic) => [connector, topic])),
  )
}

async function getLoggers({ api, out }: Session, names: readonly string[]): Promise<void> {
  const all = Object.entries(await api.loggers())
  const rows = all.filter(([name]) => names.length === 0 || names.some((pattern) => fits(pattern, name)))
  out.data(Object.fromEntries(rows))
  out.table(
    ['LOGGER', 'LEVEL', 'CHANGED'],
    rows.map(([name, { level, last_modified: at }]) => [name, level, at === null ? '' : new Date(at).toISOString()]),
  )
}

async function getWorker({ api, out }: Session): Promise<void> {
  const worker = await api.worker()
  out.data({ url: api.http.origin, ...worker })
  out.table(
    ['URL', 'VERSION', 'COMMIT', 'KAFKA CLUSTER'],
    [[api.http.origin, worker.version, worker.commit, worker.kafka_cluster_id ?? 'not known']],
  )
}

/** `2/3` for two of three running; with what failed in words. */
function taskCounts(tasks: readonly { readonly state: string }[]): string {
  const running = tasks.filter((task) => task.state === 'RUNNING').length
  const failed = tasks.filter((task) => task.state === 'FAILED').length
  return `${running}/${tasks.length}${failed > 0 ? ` (${failed} FAILED)` : ''}`
}

function shortClass(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
