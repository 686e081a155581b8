// The task: snapshot, then stream; and again from the last offset when the connection is lost.
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
import { Heartbeat, type HistoryStore, openHistory, schemaNameAdjuster } from '@millrace/kit-cdc'
import { BinlogReader } from './binlog/reader.ts'
import { BinlogServerError } from './binlog/server-connection.ts'
import { type Config, MYSQL_CONFIG } from './config.ts'
import { connectionOptions, openConnection } from './connect.ts'
import { type TaskParts, taskParts } from './context.ts'
import { isAtOrBefore } from './history/order.ts'
import { OffsetTracker, readOffset } from './offset.ts'
import { Server } from './server.ts'
import { Snapshot, type SnapshotScope } from './snapshot.ts'
import { planOf, startOf, withoutHistory } from './start.ts'
import { Streaming } from './streaming.ts'
import { VERSION } from './version.ts'

const PURGED = 1236
const RESTING_MS = 500
/** Keys of Debezium that do nothing here: a user is to know. */
const WITHOUT_EFFECT = [
  'signal.enabled.channels',
  'signal.kafka.topic',
  'signal.file',
  'notification.enabled.channels',
  'guardrail.collections.max',
  'read.only',
]

/** Reads one server. `kind` tells the two connectors apart. */
export abstract class BinlogTask extends SourceTask {
  readonly version = VERSION
  abstract readonly kind: 'mysql' | 'mariadb'
  #config!: Config
  #props!: ConnectorProps
  #parts: TaskParts | null = null
  #store: HistoryStore | null = null
  #server: Server | null = null
  /** Ends in the offset that streaming goes on at. */
  #snapshot: Promise<OffsetMap> | null = null
  #stopSnapshot: AbortController | null = null
  #snapshotEnd: OffsetMap | null = null
  #reader: BinlogReader | null = null
  #streaming: Streaming | null = null
  #heartbeat: Heartbeat | null = null
  #actions: Server | null = null
  /** Offset of the last record given out, from which a new connection goes on. */
  #offset: OffsetMap | null = null
  #started = false
  /** A snapshot that each start asks for was taken: a connection that is made anew needs none. */
  #taken = false
  #streams = true
  /** The server said that it no longer has what comes after the offset. */
  #lost = false
  /** Connections that were lost since the last record. */
  #failures = 0

  start(props: ConnectorProps): void {
    this.#config = MYSQL_CONFIG.parse(props)
    this.#props = props
    const idle = WITHOUT_EFFECT.filter((key) => (props[key] ?? '').trim() !== '')
    if (idle.length > 0)
      this.context.log.warn(`Without effect, as this connector does not know what they ask for: ${idle.join(', ')}`)
  }

  async poll(): Promise<SourceRecord[] | null> {
    const { signal } = this.context
    try {
      if (!this.#started) await this.#begin()
      const records = await this.#next()
      const last = records?.at(-1)
      if (last !== undefined) {
        this.#offset = last.sourceOffset
        this.#failures = 0
      }
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
    const { queue } = this.#parts!
    const wait = this.#config['poll.interval.ms']
    if (this.#snapshot !== null) {
      const records = queue.size > 0 ? queue.take() : await queue.next(wait, signal)
      if (records !== null || this.#snapshotEnd === null) return records
      const end = this.#snapshotEnd
      this.#snapshot = this.#snapshotEnd = null
      this.#offset = end
      if (this.#streams) {
        await this.#delay(signal)
        await this.#stream(end)
      }
    }
    if (!this.#streams) {
      await sleep(RESTING_MS, undefined, { signal }).catch(() => {})
      return null
    }
    const streaming = this.#streaming!
    const records = await streaming.poll(wait, signal)
    this.#heartbeat?.beat(streaming.offset())
    return records
  }

  async #delay(signal: AbortSignal): Promise<void> {
    const ms = this.#config['streaming.delay.ms']
    if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {})
  }

  /** Decides between snapshot and stream, and recovers the schemas. */
  async #begin(): Promise<void> {
    const { offsets, log } = this.context
    const config = this.#config
    const partition = Object.freeze({ server: config['topic.prefix'] })
    this.#offset ??= await offsets.offset(partition)
    const server = (this.#server = await Server.connect(config))
    await server.checkBinlogFormat()
    this.#store ??= await openHistory(config, this.#props)
    const parts = (this.#parts = taskParts({
      kind: this.kind,
      config,
      props: this.#props,
      partition,
      store: this.#store,
      taskId: '0',
      log,
    }))
    const stored = this.#offset
    if (stored !== null) parts.transactions?.load(stored)
    const plan = await planOf(server, stored, config, { lost: this.#lost, taken: this.#taken })
    this.#streams = plan.stream
    const recovered = await parts.history.recover(
      (position) => stored !== null && !plan.snapshot && isAtOrBefore(position, stored),
    )
    const rebuilt = plan.snapshot ? undefined : recovered === 0 ? withoutHistory(stored, config) : undefined
    if (plan.fromBeginning) await this.#stream({ file: (await server.files())[0]!, pos: 4 })
    else if (plan.snapshot || rebuilt !== undefined) {
      log.info(`A snapshot begins, as snapshot.mode=${config['snapshot.mode']} says`)
      const { rows, at } = rebuilt ?? plan
      this.#openSnapshot(parts, server, { rows, at: at === null ? null : stored, kind: 'INITIAL' })
    } else if (plan.stream) await this.#stream(stored!)
    this.#started = true
    this.#lost = false
  }

  /** Reads in the background; what goes wrong comes out of the queue, behind what went well. */
  #openSnapshot(parts: TaskParts, server: Server, scope: SnapshotScope): void {
    const stop = (this.#stopSnapshot = new AbortController())
    const snapshot = new Snapshot(parts, server, scope)
    this.#snapshot = snapshot.run(stop.signal)
    this.#snapshot.then(
      (end) => {
        if (stop.signal.aborted) return
        this.#snapshotEnd = end
        this.#taken = true
      },
      (error: unknown) => parts.queue.fail(error),
    )
  }

  async #stream(offset: OffsetMap): Promise<void> {
    const config = this.#config
    const resume = readOffset(offset)
    this.#server?.close()
    this.#server = null
    const start = startOf(resume, config, this.kind)
    const reader = (this.#reader = await BinlogReader.open({
      connection: connectionOptions(config),
      connect: (options) => openConnection(options, config),
      start,
      serverId: config['database.server.id'],
      heartbeatMs: Math.ceil(config['connect.keep.alive.interval.ms'] / 2),
      statements: config['include.query'],
    }))
    const tracker = new OffsetTracker(resume)
    tracker.resume(resume.events, resume.rows)
    this.#streaming = new Streaming(this.#parts!, reader, tracker, { events: resume.events, rows: resume.rows })
    this.#heartbeat = this.#makeHeartbeat(this.#parts!)
    this.context.log.info(
      `Streaming from ${start.kind === 'position' ? `${start.file}:${start.position}` : resume.gtids}`,
    )
  }

  #makeHeartbeat({ topics, partition, emitter, log }: TaskParts): Heartbeat | null {
    const config = this.#config
    const query = config['heartbeat.action.query']
    const heartbeat = new Heartbeat({
      intervalMs: config['heartbeat.interval.ms'],
      topic: topics.heartbeatTopic,
      serverName: config['topic.prefix'],
      partition,
      adjustSchemaName: schemaNameAdjuster(config['schema.name.adjustment.mode'] as 'none'),
      emit: (record) => emitter.emit(record),
      action: query === null || query.trim() === '' ? null : () => this.#act(query),
      log,
    })
    return heartbeat.enabled ? heartbeat : null
  }

  async #act(query: string): Promise<void> {
    try {
      this.#actions ??= await Server.connect(this.#config)
      await this.#actions.sql.query(query)
    } catch (error) {
      this.#actions?.close()
      this.#actions = null
      throw error
    }
  }

  async #closeConnections(): Promise<void> {
    this.#stopSnapshot?.abort(new Error('The task is stopping'))
    this.#reader?.close()
    this.#server?.close()
    this.#actions?.close()
    await this.#snapshot?.catch(() => {})
    this.#reader = this.#streaming = this.#snapshot = this.#server = null
    this.#heartbeat = this.#actions = this.#stopSnapshot = this.#snapshotEnd = null
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
    const most = this.#config['errors.max.retries']
    if (most >= 0 && this.#failures >= most) {
      return new ConnectException(
        `The connection to ${where} failed ${this.#failures + 1} times: ${errorMessage(error)}`,
        {
          cause: error,
          action: 'Restart the task once the server is there. errors.max.retries=-1 tries without end.',
        },
      )
    }
    this.#failures++
    return new RetriableException(`The connection to ${where} failed: ${errorMessage(error)}`, { cause: error })
  }
}

function isPurged(error: unknown): boolean {
  return error instanceof BinlogServerError && error.errno === PURGED
}
