// Reads the stream into records, opens it again when the connection breaks, and says when it cannot go on.
import { ConnectException, errorMessage, type Logger, type OffsetMap, type SourceRecord } from '@millrace/api'
import { type Heartbeat, pause } from '@millrace/kit-cdc'
import type { Changes } from './changes.ts'
import type { PostgresConfig } from './config.ts'
import type { Confirmations } from './confirmations.ts'
import { Connection, isTransient } from './connection.ts'
import type { Events } from './events.ts'
import { nameOf, readLineage, whyNotContinuous } from './lineage.ts'
import type { Position } from './offset.ts'
import { sqlState } from './protocol/database-error.ts'
import { lsnToString } from './protocol/lsn.ts'
import type { Relation } from './protocol/pgoutput.ts'
import { ReplicationStream } from './replication.ts'
import type { BlockingTable, Signals } from './signals.ts'
import { NEW_SNAPSHOT, readSlot, slotMoved } from './slot.ts'
import type { Snapshot } from './snapshot.ts'
import { eventsOfRelation, type TableContext } from './table-events.ts'
import { readTable } from './tables.ts'

const BATCH_BYTES = 8 * 1024 * 1024
const SLOT_MISSING = '42704'
const NOT_IN_STATE = '55000'

/** What a stream works with. */
export interface StreamingParts {
  readonly config: PostgresConfig
  readonly log: Logger
  readonly events: Events
  readonly changes: Changes
  readonly confirmations: Confirmations
  readonly tables: TableContext
  /** For questions about tables and types; replaced when it breaks. */
  general: Connection
  readonly version: number
  readonly signals: Signals
  /** Opens a snapshot of these tables, whose records carry that offset. */
  readonly block: (tables: readonly BlockingTable[], offset: OffsetMap) => Promise<Snapshot>
}

/** The streaming phase. */
export class Streaming {
  readonly #parts: StreamingParts
  #stream: ReplicationStream | null = null
  #attempts = 0
  #retryAt = 0
  readonly #heartbeat: Heartbeat
  /** Tables that wait for a blocking snapshot, and the one under way. */
  #blocked: BlockingTable[] = []
  #blocking: Snapshot | null = null
  /** Where the slot was when the stream was opened last; null before. */
  #slotAt: number | null = null

  constructor(parts: StreamingParts) {
    this.#parts = parts
    this.#heartbeat = parts.events.heartbeat((query) => parts.general.ask(query), parts.log)
  }

  get partition(): OffsetMap {
    return this.#parts.events.partition
  }

  /** An offset is stored: the server may forget what is before it. */
  committed(position: Position): void {
    this.#parts.confirmations.committed(position)
    this.#stream?.sendStatus()
  }

  /**
   * The next records, null when none came within `ms`.
   * @throws ConnectException when the stream cannot go on, or could not be opened often enough
   */
  async poll(ms: number, signal: AbortSignal): Promise<SourceRecord[] | null> {
    const { changes, events, signals } = this.#parts
    events.emitter.clock.tick()
    await signals.poll()
    if (this.#blocking !== null || this.#blocked.length > 0) {
      const records = changes.size > 0 ? changes.take() : await this.#block(ms, signal)
      if (records !== null) return records
    }
    try {
      if (this.#stream === null && !(await this.#open(ms, signal))) return null
      await this.#read(this.#stream as ReplicationStream, ms, signal)
    } catch (error) {
      await this.#failed(error)
    }
    if (this.#heartbeat.due) this.#heartbeat.force(changes.currentOffset)
    return changes.size === 0 ? null : changes.take()
  }

  /** Asks for a blocking snapshot: the stream stands still meanwhile. */
  block(tables: readonly BlockingTable[]): void {
    this.#blocked.push(...tables)
  }

  /** The next records of the blocking snapshot; null at its end. */
  async #block(ms: number, signal: AbortSignal): Promise<SourceRecord[] | null> {
    const { changes, config, block, log } = this.#parts
    if (this.#blocking === null) {
      this.#blocking = await block(this.#blocked, changes.lastOffset)
      this.#blocked = []
    }
    const records = await this.#blocking.poll(config['max.batch.size'], ms, signal)
    if (records !== null) return records
    const done = this.#blocking
    this.#blocking = null
    await done.close()
    log.info('The blocking snapshot is complete: the stream goes on')
    return null
  }

  async close(): Promise<void> {
    await this.#blocking?.close()
    await this.#parts.signals.close()
    await this.#stream?.close()
    this.#stream = null
  }

  async #read(stream: ReplicationStream, ms: number, signal: AbortSignal): Promise<void> {
    const { changes, config } = this.#parts
    const max = config['max.batch.size']
    let bytes = 0
    let waited = false
    while (changes.size < max && bytes < BATCH_BYTES) {
      const size = stream.read()
      if (stream.isUnsettled) {
        await stream.settle()
        if (size === 0) continue
      }
      if (size > 0) {
        bytes += size
        if (changes.pending !== null) await this.#announced(changes.pending)
        continue
      }
      if (changes.size > 0 || waited || signal.aborted) return
      await stream.wait(ms, signal)
      waited = true
    }
    this.#attempts = 0
  }

  /** A table is described: what the message does not say is asked for. */
  async #announced(relation: Relation): Promise<void> {
    const { tables, changes } = this.#parts
    await tables.catalog.ensure(relation.columns.map((one) => one.typeOid))
    const table = await readTable(this.#parts.general.ask, relation.id)
    changes.resolve(relation, eventsOfRelation(relation, table, tables))
  }

  /** @returns false when it is not yet time to try */
  async #open(ms: number, signal: AbortSignal): Promise<boolean> {
    const { config, changes, version, log } = this.#parts
    const left = this.#retryAt - Date.now()
    if (left > 0) {
      await pause(Math.min(left, ms), signal)
      if (this.#retryAt > Date.now()) return false
    }
    const start = changes.startLsn
    this.#stream = await ReplicationStream.open(config, start, version, changes, log, (replication) =>
      this.#check(replication),
    )
    log.info(`Streaming from ${lsnToString(start)}`)
    return true
  }

  /** Whether the server behind this connection has what comes after our position, and the slot is where it was left. */
  async #check(replication: Connection): Promise<void> {
    const { config, changes, confirmations, log } = this.#parts
    const lineage = await readLineage(replication.ask, changes.log)
    const other = whyNotContinuous(lineage, changes.log, changes.furthest)
    if (other !== null) throw other
    if (changes.log !== null && changes.log !== nameOf(lineage)) {
      log.warn(
        `The server was promoted: going on after ${lsnToString(changes.furthest)} on timeline ${lineage.timeline}`,
      )
    }
    changes.log = nameOf(lineage)
    const slot = await readSlot(replication.ask, config['slot.name'])
    // That it is gone is the answer to the stream.
    if (slot === undefined) return
    const { flushed } = confirmations
    const known = this.#slotAt
    this.#slotAt = Math.max(known ?? 0, slot.confirmedFlush)
    if (known === null || flushed === null || slot.confirmedFlush <= Math.max(known, flushed)) return
    const error = slotMoved(slot, Math.max(known, flushed))
    if (!trustsSlot(config)) throw error
    log.warn(`${error.message}. Going on, as offset.mismatch.strategy is ${config['offset.mismatch.strategy']}`)
  }

  /** Forgets the connection; what can pass is tried again. */
  async #failed(error: unknown): Promise<void> {
    const { config, changes, log } = this.#parts
    this.#stream?.destroy()
    this.#stream = null
    const final = this.#finalError(error)
    if (final !== null) throw final
    if (++this.#attempts > config['slot.max.retries']) {
      throw new ConnectException(`The connection to the slot ${config['slot.name']} failed: ${errorMessage(error)}`, {
        cause: error,
      })
    }
    changes.restart()
    this.#retryAt = Date.now() + (this.#attempts === 1 ? 0 : config['slot.retry.delay.ms'])
    log.warn(`The stream broke, attempt ${this.#attempts} of ${config['slot.max.retries']} to open it again`, { error })
    await this.#renewGeneral()
  }

  /** An error after which trying again is of no use, or null. */
  #finalError(error: unknown): Error | null {
    const name = this.#parts.config['slot.name']
    const state = sqlState(error)
    const at = lsnToString(this.#parts.changes.last.lsn)
    if (state === SLOT_MISSING && /slot/.test(errorMessage(error))) {
      return new ConnectException(`The replication slot ${name} is gone: changes after ${at} are lost`, {
        cause: error,
        action: NEW_SNAPSHOT,
      })
    }
    // A standby keeps the slot for its promotion: until then it is not to be used.
    if (state === NOT_IN_STATE && /being synchronized/.test((error as { detail?: string }).detail ?? '')) return null
    if (state === NOT_IN_STATE) {
      return new ConnectException(`The replication slot ${name} cannot go on after ${at}: ${errorMessage(error)}`, {
        cause: error,
        action: NEW_SNAPSHOT,
      })
    }
    if (isTransient(error) || isTransient((error as { cause?: unknown }).cause)) return null
    return error instanceof ConnectException
      ? error
      : new ConnectException(`Cannot capture changes: ${errorMessage(error)}`, { cause: error })
  }

  async #renewGeneral(): Promise<void> {
    const parts = this.#parts
    try {
      await parts.general.ask('SELECT 1')
    } catch {
      parts.general.destroy()
      try {
        parts.general = await Connection.open(parts.config, 'Debezium General')
        parts.tables.catalog.use(parts.general.ask)
      } catch {
        // The next attempt to open the stream says what is wrong.
      }
    }
  }
}

/** Whether the slot says where to go on, whatever is stored. */
export function trustsSlot(config: PostgresConfig): boolean {
  const strategy = config['offset.mismatch.strategy']
  return strategy === 'trust_slot' || strategy === 'trust_greater_lsn'
}
