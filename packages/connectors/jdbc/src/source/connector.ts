// Plans the work of the JDBC source: tables divided among tasks, and a watch for new ones.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ConfigDef,
  type ConfigValue,
  ConnectException,
  type ConnectorProps,
  errorMessage,
  type PartitionOffset,
  type RawConfig,
  SourceConnector,
  type SourceTask,
  type TaskClass,
} from '@millrace/api'
import { quoteTable, type TableId, tableText } from '@millrace/kit-sql'
import { urlComplaint } from '../keys.ts'
import { VERSION } from '../version.ts'
import type { Session } from '../write/session.ts'
import { SOURCE_CONFIG, type SourceConfig, TABLES } from './config.ts'
import { checkConfig, complaintsAbout, queryOf, tablesOf } from './tables.ts'
import { JdbcSourceTask, sessionOf } from './task.ts'

/** Reads tables of a relational database, or a query. */
export class JdbcSourceConnector extends SourceConnector {
  readonly config: ConfigDef = SOURCE_CONFIG
  readonly version = VERSION
  #props: ConnectorProps = {}
  #config: SourceConfig | null = null
  #session: Session | null = null
  #tables: readonly TableId[] | null = null
  #stopping = new AbortController()
  #watching: Promise<void> | null = null

  start(props: ConnectorProps): void {
    const config = SOURCE_CONFIG.parse(props)
    checkConfig(config)
    this.#props = props
    this.#config = config
    this.#session = sessionOf(config, props, this.context.log)
    this.#stopping = new AbortController()
  }

  taskClass(): TaskClass<SourceTask> {
    return JdbcSourceTask
  }

  async taskConfigs(maxTasks: number): Promise<ConnectorProps[]> {
    const config = this.#config as SourceConfig
    if (queryOf(config) !== '') return [this.#props]
    const tables = await this.#find(config)
    this.#tables = tables
    this.#watching ??= this.#watch(config)
    if (tables.length === 0) {
      this.context.log.warn(
        'No table fits the configuration, so there is nothing to do yet. Check table.whitelist, schema.pattern and table.types',
      )
      return []
    }
    const rules = { quote: (this.#session as Session).dialect.quote, always: true }
    return divide(tables, Math.min(maxTasks, tables.length)).map((group) => ({
      ...this.#props,
      [TABLES]: group.map((id) => quoteTable(rules, id)).join(','),
      'tables.fetched': 'true',
    }))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#watching
    this.#watching = null
    const session = this.#session
    this.#session = null
    await session?.reset()
  }

  override validate(props: RawConfig): ConfigValue[] {
    const results = SOURCE_CONFIG.validate(props)
    const complaints = new Map<string, string[]>()
    if (results.every((one) => one.errors.length === 0)) {
      const config = Object.fromEntries(results.map((one) => [one.name, one.value])) as SourceConfig
      for (const [key, message] of complaintsAbout(config))
        complaints.set(key, [...(complaints.get(key) ?? []), message])
      const url = urlComplaint(config['connection.url'])
      if (url !== undefined)
        complaints.set('connection.url', [`Invalid value for configuration connection.url: ${url}`])
    }
    return results.map((one) => ({ ...one, errors: [...one.errors, ...(complaints.get(one.name) ?? [])] }))
  }

  /** Checks the shape of the offsets; whether rows are there shows when the task starts. A reset is always taken. */
  override alterOffsets(_props: ConnectorProps, offsets: readonly PartitionOffset[]): boolean {
    for (const { partition, offset } of offsets) {
      if (offset === null) continue
      if (partition === null || !(Object.hasOwn(partition, 'table') || Object.hasOwn(partition, 'query'))) {
        throw new ConnectException("Partition objects should contain the key 'table' or 'query'")
      }
      for (const key of ['incrementing', 'timestamp', 'timestamp_nanos']) {
        const value = offset[key]
        const fits = value === undefined || value === null || typeof value === 'bigint' || Number.isSafeInteger(value)
        if (!fits)
          throw new ConnectException(
            `The value for the '${key}' key in the offset is expected to be a Long value, but was ${JSON.stringify(value)}`,
          )
      }
    }
    return true
  }

  async #find(config: SourceConfig): Promise<TableId[]> {
    const session = this.#session as Session
    try {
      const connection = await session.connection(this.#stopping.signal)
      return await tablesOf(connection, session.dialect, config)
    } finally {
      // Asked once a minute: no connection is kept for that.
      await session.reset()
    }
  }

  /** Asks for new task configs when tables come or go. A search that fails is tried again at the next turn. */
  async #watch(config: SourceConfig): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await sleep(config['table.poll.interval.ms'], undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      try {
        const now = await this.#find(config)
        if (signal.aborted || namesOf(now) === namesOf(this.#tables ?? [])) continue
        this.context.log.info(`The tables to read are now ${namesOf(now)}`)
        this.#tables = now
        this.context.requestTaskReconfiguration()
      } catch (error) {
        this.context.log.warn(`Tables could not be looked for: ${errorMessage(error)}`)
      }
    }
  }
}

function namesOf(tables: readonly TableId[]): string {
  return tables.map(tableText).join(', ')
}

/** Groups of nearly equal size, the larger ones first, in order: as the reference divides. */
function divide<T>(items: readonly T[], groups: number): T[][] {
  const size = Math.floor(items.length / groups)
  const larger = items.length - size * groups
  let from = 0
  return Array.from({ length: groups }, (_, i) => {
    const to = from + size + (i < larger ? 1 : 0)
    const group = items.slice(from, to)
    from = to
    return group
  })
}
