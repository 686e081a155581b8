// What to do at a start: from the stored offset, the slot and `snapshot.mode` to a snapshot, a position, or an error that says
// what was lost.
import { ConnectException, type ConnectorProps, type OffsetMap, type SourceTaskContext } from '@millrace/api'
import { pause } from '@millrace/kit-cdc'
import { type Capture, captureOf, checkGuardrail, idOf } from './capture.ts'
import { Changes } from './changes.ts'
import type { PostgresConfig } from './config.ts'
import { Confirmations } from './confirmations.ts'
import { Connection } from './connection.ts'
import { Events } from './events.ts'
import { readLineage, whyNotContinuous } from './lineage.ts'
import { Notifications } from './notifications.ts'
import { type Position, partitionOf, readOffset, type StoredOffset, snapshotOffset, streamOffset } from './offset.ts'
import { lsnToString } from './protocol/lsn.ts'
import { preparePublication, setReplicaIdentities } from './publication.ts'
import { checkServer, type ServerFacts } from './server.ts'
import { type BlockingTable, Signals } from './signals.ts'
import {
  type CreatedSlot,
  checkSlot,
  createSlot,
  dropSlot,
  isSlotThere,
  NEW_SNAPSHOT,
  readWholeSlot,
  type SlotState,
} from './slot.ts'
import { Snapshot, type SnapshotParts, type SnapshotTable } from './snapshot.ts'
import { Streaming, trustsSlot } from './streaming.ts'
import { eventsOfTable, type TableContext, type TableEvents } from './table-events.ts'
import { quotedTable, readTables, type Table, tableName } from './tables.ts'
import { TypeCatalog } from './types/catalog.ts'
import { ColumnTypes } from './types/column-type.ts'

/** How a task begins. */
export interface Start {
  /** Set to null when it is taken. */
  snapshot: Snapshot | null
  readonly streams: boolean
  /** Where the stream begins. */
  readonly position: Position
  readonly offset: OffsetMap
  /** Log that the position is of, null when it is not known. */
  readonly log: string | null
  /** Whether that position is stored, so that the slot may be confirmed up to it; a snapshot without rows has nothing to store. */
  isStored: boolean
}

/** Prepares the database and decides. */
export class Plan {
  readonly #config: PostgresConfig
  readonly #props: ConnectorProps
  readonly #context: SourceTaskContext
  readonly #capture: Capture
  readonly #events: Events
  readonly #notifications: Notifications
  #signals: Signals | null = null
  #general: Connection | null = null
  #tables: TableContext | null = null
  #server: ServerFacts | null = null

  constructor(config: PostgresConfig, props: ConnectorProps, context: SourceTaskContext) {
    this.#config = config
    this.#props = props
    this.#context = context
    this.#capture = captureOf(config, props, context.log)
    this.#events = new Events(config, this.#capture, {
      onEvent: (...event) => this.#signals?.listener.onEvent(...event),
      onSkipped() {},
      onUnchanged() {},
    })
    this.#notifications = new Notifications(config, {
      adjust: this.#capture.adjustSchemaName,
      partition: this.#events.partition,
      emit: (record) => this.#events.outbox.push(record),
      log: context.log,
    })
  }

  /**
   * Checks the server, sets up publication and slot, opens a snapshot when one is due.
   * @throws ConnectException when something is missing, or changes are lost
   */
  async begin(): Promise<Start> {
    const config = this.#config
    const { log } = this.#context
    const general = (this.#general = await Connection.open(config, 'Debezium General'))
    const server = (this.#server = await checkServer(general.ask, config, log))
    if (config['plugin.name'] === 'decoderbufs')
      log.info('plugin.name is decoderbufs, the default: pgoutput is used, which gives the same')
    const catalog = new TypeCatalog(general.ask)
    await catalog.load()
    this.#tables = {
      events: this.#capture.events,
      catalog,
      types: new ColumnTypes(catalog, {
        decimal: config['decimal.handling.mode'] as 'precise',
        time: config['time.precision.mode'] as 'adaptive',
        binary: config['binary.handling.mode'] as 'bytes',
        hstore: config['hstore.handling.mode'] as 'json',
        interval: config['interval.handling.mode'] as 'numeric',
        includeUnknown: config['include.unknown.datatypes'],
        moneyDigits: config['money.fraction.digits'],
        placeholder: placeholderOf(config['unavailable.value.placeholder'] ?? ''),
      }),
    }
    const raw = await this.#context.offsets.offset(partitionOf(config['topic.prefix']))
    const stored = raw === null ? null : readOffset(raw)
    const captured = (await readTables(general.ask)).filter((table) => this.#isCaptured(table.schema, table.name))
    checkGuardrail(config, captured.length, log)
    if (captured.length === 0) log.warn('No table is captured now: check table.include.list and schema.include.list')
    const streams = config['snapshot.mode'] !== 'initial_only'
    if (streams && !server.isStandby && !config['read.only']) {
      await setReplicaIdentities(general.ask, config, captured, log)
      await preparePublication(general.ask, config, captured, log)
    }
    try {
      return await this.#decide(stored, streams, general, server)
    } catch (error) {
      // A worker that was killed while it asked for the slot is answered after its death.
      if (!isSlotThere(error)) throw error
      return this.#decide(stored, streams, general, server)
    }
  }

  /** Opens the stream. */
  async stream(start: Start): Promise<Streaming> {
    const config = this.#config
    const confirmations = new Confirmations(
      config['lsn.flush.mode'] !== 'manual' && config['flush.lsn.source'],
      config['offset.mismatch.strategy'] !== 'trust_offset',
      start.isStored ? start.position : null,
    )
    const { log } = this.#context
    const changes = new Changes(
      { events: this.#events, confirmations, log },
      {
        isCaptured: (schema, table) => this.#isCaptured(schema, table),
        isMessageCaptured: this.#capture.includesMessage,
        failure: config['event.processing.failure.handling.mode'],
        isSignalTable: ({ id }) => this.#capture.filters.isSignalTable(id),
        onSignalRow: (table, row, deleted) => this.#signals?.onSignalRow(table, row, deleted),
        store: (offset) => this.#signals?.store(offset) ?? offset,
      },
      start.position,
      start.offset,
      start.log,
    )
    const signals = (this.#signals = new Signals({
      config,
      log,
      events: this.#events,
      changes,
      notifications: this.#notifications,
      describe: (fits) => this.#describe(fits),
      block: (tables) => streaming.block(tables),
    }))
    const streaming = new Streaming({
      signals,
      block: (tables, offset) => this.#block(tables, offset),
      config,
      log,
      events: this.#events,
      changes,
      confirmations,
      tables: this.#tables as TableContext,
      general: this.#general as Connection,
      version: (this.#server as ServerFacts).version,
    })
    await signals.resume(start.offset)
    return streaming
  }

  async close(dropsSlot: boolean): Promise<void> {
    const general = this.#general
    this.#general = null
    if (general === null) return
    if (dropsSlot && this.#server !== null) {
      await dropSlot(general.ask, this.#config['slot.name']).catch((error: unknown) =>
        this.#context.log.warn(`Cannot drop the slot ${this.#config['slot.name']}`, { error }),
      )
    }
    await general.close()
  }

  async #decide(
    stored: StoredOffset | null,
    streams: boolean,
    general: Connection,
    server: ServerFacts,
  ): Promise<Start> {
    const config = this.#config
    const mode = config['snapshot.mode']
    const { log } = this.#context
    const name = config['slot.name']
    let slot = streams
      ? await readWholeSlot(general.ask, name, config['create.slot.command.timeout'] * 1_000)
      : undefined
    const isDone = stored !== null && !stored.isSnapshotOpen
    let snapshots = mode === 'always' || (!isDone && mode !== 'no_data' && mode !== 'never')
    let other: ConnectException | null = null
    if (isDone && !snapshots && streams) {
      other = await this.#whyOther(stored)
      const lost = this.#whatIsLost(stored, slot) ?? (trustsSlot(config) ? null : other)
      if (lost !== null) {
        if (mode !== 'when_needed') throw lost
        log.warn(`${lost.message}. All tables are read again, as snapshot.mode is when_needed`)
        snapshots = true
        if (slot !== undefined) await dropSlot(general.ask, name)
        slot = undefined
      }
    } else if (slot !== undefined) checkSlot(slot, config['database.dbname'])

    if (isDone && !snapshots) {
      const position = this.#reconciled(stored, slot, other)
      const isStored = position === stored.position
      return { snapshot: null, streams, position, offset: stored.raw, log: isStored ? stored.log : null, isStored }
    }
    if (!streams && isDone)
      return { snapshot: null, streams, position: stored.position, offset: stored.raw, log: stored.log, isStored: true }
    return this.#fresh(snapshots, streams, slot, server)
  }

  /** A start without a position: the slot is made unless it is there, and its snapshot taken. */
  async #fresh(snapshots: boolean, streams: boolean, slot: SlotState | undefined, server: ServerFacts): Promise<Start> {
    const config = this.#config
    const { log } = this.#context
    let created: CreatedSlot | null = null
    let replication: Connection | null = null
    if (snapshots) await pause(config['snapshot.delay.ms'], this.#context.signal)
    try {
      if (streams && slot === undefined) {
        replication = await Connection.open(config, 'Debezium Streaming', true)
        created = await createSlot(replication, config['slot.name'], config['slot.failover'], server.version)
        log.info(`Made the slot ${config['slot.name']} at ${lsnToString(created.consistentPoint)}`)
      }
      // An existing slot gives its changes once more over the rows that are read: they end in the same state.
      const lsn = created?.consistentPoint ?? slot?.confirmedFlush ?? 0
      const snapshot = snapshots
        ? await Snapshot.begin(this.#parts, created?.snapshot ?? null, lsn, (on) => this.#snapshotTables(on))
        : null
      const position = snapshot?.position ?? {
        lsn,
        lsnCommit: null,
        txId: null,
        events: 1,
        messageType: null,
        timeUs: 0,
      }
      const offset = snapshot === null ? streamOffset(position, null) : snapshotOffset(position, true)
      return { snapshot, streams, position, offset, log: null, isStored: snapshot === null }
    } finally {
      await replication?.close()
    }
  }

  get #parts(): SnapshotParts {
    return {
      config: this.#config,
      events: this.#events,
      notifications: this.#notifications,
      log: this.#context.log,
    }
  }

  /** Captured tables as they are now. */
  async #describe(fits: (name: string) => boolean): Promise<TableEvents[]> {
    const context = this.#tables as TableContext
    const connection = await Connection.open(this.#config, 'Debezium General')
    try {
      const tables = (await readTables(connection.ask)).filter(
        (table) => this.#isCaptured(table.schema, table.name) && fits(tableName(table)),
      )
      await context.catalog.ensure(tables.flatMap((table) => table.columns.map((one) => one.typeOid)))
      return tables.map((table) => eventsOfTable(table, context))
    } finally {
      await connection.close()
    }
  }

  /** A snapshot of what is there now, while the stream stands still. */
  #block(wanted: readonly BlockingTable[], offset: OffsetMap): Promise<Snapshot> {
    const lsn = readOffset(offset).position.lsn
    const tables = async (on: Connection): Promise<SnapshotTable[]> => {
      const all = await this.#snapshotTables(on, (table) => wanted.some((one) => one.id === tableName(table)))
      return all.map((one) => {
        const filter = wanted.find(({ id }) => id === one.events.id.text)?.filter ?? null
        return filter === null ? one : { ...one, select: `SELECT * FROM ${quotedTable(one.table)} WHERE ${filter}` }
      })
    }
    return Snapshot.begin(this.#parts, null, lsn, tables, offset)
  }

  async #snapshotTables(
    on: Connection,
    wanted = ({ schema, name }: Table) =>
      this.#isCaptured(schema, name) && this.#capture.filters.inSnapshot(idOf(schema, name)),
  ): Promise<SnapshotTable[]> {
    const context = this.#tables as TableContext
    const tables = (await readTables(on.ask)).filter(wanted)
    await context.catalog.ensure(tables.flatMap((table) => table.columns.map((one) => one.typeOid)))
    return tables.map((table) => ({
      table,
      events: eventsOfTable(table, context),
      select: this.#props[`snapshot.select.statement.overrides.${tableName(table)}`] ?? null,
    }))
  }

  #isCaptured(schema: string, table: string): boolean {
    return this.#capture.filters.includesTable(idOf(schema, table))
  }

  /** Why the stored position cannot be gone on from, or null. */
  #whatIsLost(stored: StoredOffset, slot: SlotState | undefined): ConnectException | null {
    const name = this.#config['slot.name']
    const at = lsnToString(stored.position.lsn)
    if (slot === undefined) {
      return new ConnectException(
        `The replication slot ${name} is gone: changes after ${at}, the stored position, are lost`,
        {
          action: NEW_SNAPSHOT,
        },
      )
    }
    try {
      checkSlot(slot, this.#config['database.dbname'])
    } catch (error) {
      return error as ConnectException
    }
    const isPast =
      slot.confirmedFlush > (stored.position.lsnCommit ?? stored.position.lsn) &&
      slot.confirmedFlush > stored.position.lsn
    if (isPast && this.#config['offset.mismatch.strategy'] === 'trust_offset') {
      return new ConnectException(
        `The replication slot ${name} is at ${lsnToString(slot.confirmedFlush)}, past ${at}, the stored position: changes between are lost`,
        { action: NEW_SNAPSHOT },
      )
    }
    return null
  }

  /** Why the stored position is not one of this server's log, or null. */
  async #whyOther({ position, log }: StoredOffset): Promise<ConnectException | null> {
    const replication = await Connection.open(this.#config, 'Debezium Validate', true)
    try {
      const furthest = Math.max(position.lsn, position.lsnCommit ?? 0)
      return whyNotContinuous(await readLineage(replication.ask, log), log, furthest)
    } finally {
      await replication.close()
    }
  }

  /** The stored position, or the slot's where that is to be trusted. */
  #reconciled(stored: StoredOffset, slot: SlotState | undefined, other: ConnectException | null): Position {
    const { position } = stored
    if (slot === undefined || !trustsSlot(this.#config)) return position
    if (slot.confirmedFlush <= position.lsn && other === null) return position
    this.#context.log.warn(
      `${other === null ? '' : `${other.message}. `}Going on from ${lsnToString(slot.confirmedFlush)}, where the slot is; ${lsnToString(position.lsn)} is stored`,
    )
    return { ...position, lsn: slot.confirmedFlush, lsnCommit: slot.confirmedFlush, messageType: null }
  }
}

/** `hex:` begins a placeholder in hexadecimal digits. */
function placeholderOf(text: string): Buffer {
  return text.startsWith('hex:') ? Buffer.from(text.slice(4), 'hex') : Buffer.from(text)
}
