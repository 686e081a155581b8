// Runs a task against a server, for tests: what the runtime does with it, in memory.
import type { ConnectorProps, OffsetMap, SourceRecord, SourceTask } from '@millrace/api'
import { RetriableException } from '@millrace/api'
import { MemoryOffsets, type Mysql, sourceTaskContext } from '@millrace/testkit'
import { MariaDbConnector, MySqlConnector } from '../connector.ts'

const PATIENCE_MS = 20_000

/** Configuration of a connector to `server` with its schema history in a file. */
export function propsFor(server: Mysql, historyFile: string, more: ConnectorProps = {}): ConnectorProps {
  return {
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.server.id': String(++serverId),
    'topic.prefix': 'p',
    'database.include.list': 'inventory',
    'include.schema.changes': 'false',
    'poll.interval.ms': '100',
    'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory',
    'schema.history.internal.file.filename': historyFile,
    ...more,
  }
}

let serverId = 6_000

/** A running task. Records are committed as soon as they are polled. */
export class Run implements AsyncDisposable {
  readonly #task: SourceTask
  readonly #abort: () => void
  readonly #offsets: MemoryOffsets
  #lastError: unknown = null
  /** Everything that was polled. */
  readonly records: SourceRecord[] = []

  private constructor(task: SourceTask, abort: () => void, offsets: MemoryOffsets) {
    this.#task = task
    this.#abort = abort
    this.#offsets = offsets
  }

  static async start(server: Mysql, props: ConnectorProps, offset: OffsetMap | null = null): Promise<Run> {
    const connector = new (server.flavor.startsWith('mysql') ? MySqlConnector : MariaDbConnector)()
    connector.start(props)
    const offsets = new MemoryOffsets().set({ server: 'p' }, offset)
    const task = new (connector.taskClass())()
    const { context, abort } = sourceTaskContext({ configs: props, offsets })
    task.initialize(context)
    await task.start(connector.taskConfigs()[0]!)
    return new Run(task, abort, offsets)
  }

  /** Polls until `enough` says so of all records; errors that ask to be tried again are. */
  async until(enough: (records: readonly SourceRecord[]) => boolean): Promise<SourceRecord[]> {
    const deadline = Date.now() + PATIENCE_MS
    while (!enough(this.records)) {
      if (Date.now() > deadline) {
        throw new Error(`Only ${this.records.length} records came in time`, { cause: this.#lastError })
      }
      const polled = await this.#poll()
      this.records.push(...polled)
      this.#offsets.commit(polled)
    }
    return this.records
  }

  async #poll(): Promise<SourceRecord[]> {
    try {
      return (await this.#task.poll()) ?? []
    } catch (error) {
      this.#lastError = error
      if (error instanceof RetriableException) return []
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort()
    await this.#task.stop()
  }
}
