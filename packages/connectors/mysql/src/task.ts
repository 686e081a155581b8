// The task: snapshot, then stream; and again from the last offset when the connection is lost.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ConnectException,
  type ConnectorProps,
  errorMessage,
  type OffsetMap,
  RetriableException,
  type SourceRecord,
  SourceTask,
} from '@millrace/api'
import { BinlogReader } from './binlog/reader.ts'
import { BinlogServerError } from './binlog/server-connection.ts'
import { type Config, MYSQL_CONFIG } from './config.ts'
import { CapturedTables, type TaskParts } from './context.ts'
import { Records } from './events/records.ts'
import { schemaChangeSchemas } from './events/schema-change.ts'
import { sourceSchema } from './events/source-info.ts'
import { filtersOf } from './filters.ts'
import { isAtOrBefore } from './history/order.ts'
import { SchemaHistory } from './history/schema-history.ts'
import { type HistoryStore, openHistory } from './history/store.ts'
import { OffsetTracker, readOffset } from './offset.ts'
import { connectionOptions, Server } from './server.ts'
import { Snapshot } from './snapshot.ts'
import { checkStart, startOf } from './start.ts'
import { Streaming } from './streaming.ts'
import { VERSION } from './version.ts'

const SCHEMA_ONLY = new Set(['no_data', 'schema_only', 'recovery', 'schema_only_recovery'])
const PURGED = 1236
/** A snapshot that ends in the task: nothing is streamed after it. */
const ONLY = 'initial_only'
const RESTING_MS = 500

/** Reads one server. `kind` tells the two connectors apart. */
export abstract class BinlogTask extends SourceTask {
  readonly version = VERSION
  abstract readonly kind: 'mysql' | 'mariadb'
  #config!: Config
  #props!: ConnectorProps
  #parts: TaskParts | null = null
  #store: HistoryStore | null = null
  #server: Server | null = null
  #snapshot: Snapshot | null = null
  #reader: BinlogReader | null = null
  #streaming: Streaming | null = null
  /** Offset of the last record given out, from which a new connection goes on. */
  #offset: OffsetMap | null = null
  #started = false
  #finished = false
  /** The server said that it no longer has what comes after the offset. */
  #lost = false

  start(props: ConnectorProps): void {
    this.#config = MYSQL_CONFIG.parse(props)
    this.#props = props
  }

  async poll(): Promise<SourceRecord[] | null> {
    const { signal } = this.context
    try {
      if (!this.#started) await this.#begin()
      const records = await this.#next()
      const last = records?.at(-1)
      if (last !== undefined) this.#offset = last.sourceOffset
      return records
    } catch (error) {
      await this.#closeConnections()
      if (signal.aborted) return null
      if (isPurged(error) && this.#config['snapshot.mode'] === 'when_needed') {
        this.context.log.warn(`${errorMessage(error)}: all tables are read again, as snapshot.mode says`)
        this.#lost = true
        return null
      }
      throw this.#explained(error)
    }
  }

  async stop(): Promise<void> {
    await this.#closeConnections()
    await this.#store?.close()
  }

  async #next(): Promise<SourceRecord[] | null> {
    const { signal } = this.context
    const { 'max.batch.size': most, 'poll.interval.ms': wait } = this.#config
    if (this.#snapshot !== null) {
      const records = await this.#snapshot.next(most, signal)
      if (records !== null) return records
      const { tracker } = this.#snapshot
      this.#snapshot = null
      this.#offset = tracker.offset()
      if (this.#config['snapshot.mode'] === ONLY) this.#finished = true
      else await this.#stream(tracker.offset())
    }
    if (this.#finished) {
      await sleep(RESTING_MS, undefined, { signal }).catch(() => {})
      return null
    }
    return this.#streaming!.poll(most, wait, signal)
  }

  /** Decides between snapshot and stream, and recovers the schemas. */
  async #begin(): Promise<void> {
    const { offsets, log } = this.context
    const config = this.#config
    const partition = Object.freeze({ server: config['topic.prefix'] })
    this.#offset ??= await offsets.offset(partition)
    const server = (this.#server = await Server.connect(config))
    await server.checkBinlogFormat()
    this.#store ??= openHistory(config, this.#props)
    const parts = (this.#parts = this.#makeParts(partition, this.#store))
    const stored = this.#offset
    const resume = stored === null ? null : readOffset(stored)
    const mode = config['snapshot.mode']
    const lost = resume === null ? undefined : await checkStart(server, resume, config)
    const wanted = stored === null || this.#lost || resume!.inSnapshot || (mode === 'always' && !this.#started)
    if (lost !== undefined && !wanted && mode !== 'when_needed') throw lost
    const recovered = await parts.history.recover(
      (position) => stored !== null && !wanted && isAtOrBefore(position, stored),
    )
    if (mode === 'never' && stored === null) await this.#stream({ file: (await server.files())[0]!, pos: 4 })
    else if (wanted || lost !== undefined || /recovery/.test(mode)) this.#openSnapshot(parts, server, mode)
    else if (recovered === 0) throw noHistory(config)
    else await this.#stream(stored!)
    if (wanted) log.info(`No offset of a finished snapshot: snapshot.mode is ${mode}`)
    this.#started = true
    this.#lost = false
  }

  #openSnapshot(parts: TaskParts, server: Server, mode: string): void {
    this.#snapshot = new Snapshot(parts, server, { rows: !SCHEMA_ONLY.has(mode), kind: 'INITIAL' })
  }

  #makeParts(partition: OffsetMap, store: HistoryStore): TaskParts {
    const config = this.#config
    const { log } = this.context
    const prefix = config['topic.prefix']
    const filters = filtersOf(config)
    const skipUnparseable = config['schema.history.internal.skip.unparseable.ddl']
    // The reference's connector of MariaDB keeps comments whatever the configuration says.
    const comments = this.kind === 'mariadb' || config['include.schema.comments']
    const history = new SchemaHistory({ store, prefix, skipUnparseable, comments, log })
    const source = sourceSchema(this.kind)
    const records = new Records({
      kind: this.kind,
      prefix,
      partition,
      tombstones: config['tombstones.on.delete'],
      schemaChange: schemaChangeSchemas(this.kind, source),
      headers: config['extended.headers.enabled'] ? contextHeaders(prefix, this.kind) : [],
    })
    const tables = new CapturedTables(history, {
      prefix,
      sourceSchema: source,
      shows: filters.column,
      modes: {
        decimal: config['decimal.handling.mode'] as 'precise',
        time: config['time.precision.mode'] as 'connect',
        binary: config['binary.handling.mode'] as 'bytes',
        adjustsYears: config['enable.time.adjuster'],
        unsignedBigint: config['bigint.unsigned.handling.mode'] as 'long',
      },
    })
    return { config, props: this.#props, filters, history, records, tables, log }
  }

  async #stream(offset: OffsetMap): Promise<void> {
    const config = this.#config
    const resume = readOffset(offset)
    this.#server?.close()
    this.#server = null
    const start = startOf(resume, config, this.kind)
    const reader = (this.#reader = await BinlogReader.open({
      connection: connectionOptions(config),
      start,
      serverId: config['database.server.id'],
      heartbeatMs: Math.ceil(config['connect.keep.alive.interval.ms'] / 2),
      statements: config['include.query'],
    }))
    const tracker = new OffsetTracker(resume)
    tracker.resume(resume.events, resume.rows)
    this.#streaming = new Streaming(this.#parts!, reader, tracker, { events: resume.events, rows: resume.rows })
    this.context.log.info(
      `Streaming from ${start.kind === 'position' ? `${start.file}:${start.position}` : resume.gtids}`,
    )
  }

  async #closeConnections(): Promise<void> {
    this.#reader?.close()
    this.#server?.close()
    this.#reader = this.#streaming = this.#snapshot = this.#server = null
    this.#started = false
  }

  /** What the framework is to do about an error: try again after a lost connection, stop when going on would lose changes. */
  #explained(error: unknown): unknown {
    if (error instanceof ConnectException) return error
    const where = `${this.#config['database.hostname']}:${this.#config['database.port']}`
    if (isPurged(error)) {
      return new ConnectException(
        `The server ${where} no longer has what comes after the stored offset: ${errorMessage(error)}`,
        {
          cause: error,
          action:
            'Changes are lost between the offset and what the server has. Use snapshot.mode=when_needed, or reset the offsets, to read all tables again.',
        },
      )
    }
    if (error instanceof RangeError)
      return new ConnectException(`An event cannot be read: ${error.message}`, { cause: error })
    return new RetriableException(`The connection to ${where} failed: ${errorMessage(error)}`, { cause: error })
  }
}

function isPurged(error: unknown): boolean {
  return error instanceof BinlogServerError && error.errno === PURGED
}

/** Headers of every record, as Debezium names them. */
function contextHeaders(prefix: string, kind: string): (readonly [string, string])[] {
  return [
    ['__debezium.context.connectorLogicalName', prefix],
    ['__debezium.context.taskId', '0'],
    ['__debezium.context.connectorName', kind],
    ['__debezium.context.runId', randomUUID()],
  ]
}

function noHistory(config: Config): ConnectException {
  const topic = config['schema.history.internal.kafka.topic'] ?? config['schema.history.internal']
  return new ConnectException(`The schema history is empty or missing: ${topic}`, {
    action:
      'If no captured table changed since the connector last ran, set snapshot.mode=recovery once; else reset its offsets.',
  })
}
