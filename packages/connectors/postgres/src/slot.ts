// The replication slot: its state, its making and dropping. https://www.postgresql.org/docs/current/view-pg-replication-slots.html
import { setTimeout as pause } from 'node:timers/promises'
import { ConnectException, errorMessage } from '@millrace/api'
import { type Connection, literal, quoted } from './connection.ts'
import { sqlState } from './protocol/database-error.ts'
import { lsnToString, NO_LSN, parseLsn } from './protocol/lsn.ts'
import type { Ask } from './types/catalog.ts'

const FAILOVER_SINCE = 170_000
const OBJECT_EXISTS = '42710'
const OBJECT_MISSING = '42704'
const MAKING_POLL_MS = 100

/** What `pg_replication_slots` says of a slot. */
export interface SlotState {
  readonly name: string
  readonly plugin: string
  readonly database: string
  readonly active: boolean
  /** Up to here the consumer has confirmed. */
  readonly confirmedFlush: number
  /** From here the log is kept. */
  readonly restart: number
  readonly catalogXmin: number | null
  /** `lost` when the log it needs is gone; null where the server does not say. */
  readonly walStatus: string | null
  /** Why it was invalidated, where the server says so. */
  readonly invalidation: string | null
}

/** A slot made now. */
export interface CreatedSlot {
  /** Changes after this position come through the slot; all before are in the snapshot. */
  readonly consistentPoint: number
  /** Name of the exported snapshot, valid until the connection does something else. */
  readonly snapshot: string | null
}

/** The slot, or undefined when there is none of this name. */
export async function readSlot(ask: Ask, name: string): Promise<SlotState | undefined> {
  // Without parameters: a replication connection takes none.
  const [row] = await ask(
    `SELECT to_jsonb(s) AS slot FROM pg_catalog.pg_replication_slots s WHERE slot_name = ${literal(name)}`,
  )
  const slot = row?.slot as Record<string, string | number | boolean | null> | undefined
  if (slot === undefined) return undefined
  const lsn = (value: unknown) => (typeof value === 'string' ? parseLsn(value) : NO_LSN)
  const reason = slot.invalidation_reason ?? (slot.conflicting === true ? 'a conflict with recovery' : null)
  return {
    name,
    plugin: String(slot.plugin ?? ''),
    database: String(slot.database ?? ''),
    active: slot.active === true,
    confirmedFlush: lsn(slot.confirmed_flush_lsn),
    restart: lsn(slot.restart_lsn),
    catalogXmin: slot.catalog_xmin === null || slot.catalog_xmin === undefined ? null : Number(slot.catalog_xmin),
    walStatus: typeof slot.wal_status === 'string' ? slot.wal_status : null,
    invalidation: reason === null ? null : String(reason),
  }
}

/**
 * The slot, once it is made whole: that of a worker that was killed while it made one is there for a moment without a position,
 * and is gone with its connection, or becomes one that stays.
 * @param timeoutMs how long to wait for that
 */
export async function readWholeSlot(ask: Ask, name: string, timeoutMs: number): Promise<SlotState | undefined> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const slot = await readSlot(ask, name)
    const isInTheMaking = slot?.active === true && slot.confirmedFlush === NO_LSN
    if (!isInTheMaking || Date.now() > deadline) return slot
    await pause(MAKING_POLL_MS)
  }
}

/** Whether making a slot failed because there is one of this name by now. */
export function isSlotThere(error: unknown): boolean {
  return sqlState((error as { cause?: unknown } | null)?.cause) === OBJECT_EXISTS
}

/**
 * Refuses a slot that cannot give all changes any more, or is not ours.
 * @throws ConnectException saying what happened and what to do
 */
export function checkSlot(slot: SlotState, database: string): void {
  const { name } = slot
  if (slot.plugin !== 'pgoutput') {
    throw new ConnectException(`The replication slot ${name} belongs to the plugin '${slot.plugin}', not to pgoutput`, {
      action: `Drop it, or set 'slot.name' to another name.`,
    })
  }
  if (slot.database !== database) {
    throw new ConnectException(
      `The replication slot ${name} belongs to the database ${slot.database}, not to ${database}`,
      {
        action: `Set 'slot.name' to another name.`,
      },
    )
  }
  if (slot.walStatus === 'lost' || slot.invalidation !== null || slot.restart === NO_LSN) {
    throw new ConnectException(
      `The replication slot ${name} is invalidated (${slot.invalidation ?? slot.walStatus ?? 'no position'}): changes are lost`,
      {
        action: `${NEW_SNAPSHOT} Then see 'max_slot_wal_keep_size' and 'idle_replication_slot_timeout' of the server.`,
      },
    )
  }
}

/** What is wrong with a slot that is further than this connector has confirmed. */
export function slotMoved({ name, confirmedFlush }: SlotState, confirmed: number): ConnectException {
  return new ConnectException(
    `The replication slot ${name} is at ${lsnToString(confirmedFlush)}, and was confirmed up to ${lsnToString(confirmed)}: it was dropped and made again, or moved by somebody else. Changes between are lost`,
    { action: NEW_SNAPSHOT },
  )
}

/** How to begin again after changes were lost. */
export const NEW_SNAPSHOT =
  "Drop the slot, and either reset the connector's offsets (DELETE /connectors/NAME/offsets) or set 'snapshot.mode' to 'when_needed': all tables are then read again."

/**
 * Makes the slot on a replication connection, and exports the snapshot of the moment at which it begins.
 * @throws ConnectException when it cannot be made
 */
export async function createSlot(
  replication: Connection,
  name: string,
  failover: boolean,
  version: number,
): Promise<CreatedSlot> {
  const options =
    version >= 150_000
      ? `(SNAPSHOT 'export'${failover && version >= FAILOVER_SINCE ? ', FAILOVER true' : ''})`
      : 'EXPORT_SNAPSHOT'
  try {
    const [row] = await replication.ask(`CREATE_REPLICATION_SLOT ${quoted(name)} LOGICAL pgoutput ${options}`)
    return {
      consistentPoint: parseLsn(String(row?.consistent_point)),
      snapshot: row?.snapshot_name === null ? null : String(row?.snapshot_name),
    }
  } catch (cause) {
    const hint =
      sqlState(cause) === OBJECT_EXISTS
        ? `Give each connector a 'slot.name' of its own.`
        : `The user needs the right REPLICATION, and the server a free place in 'max_replication_slots'.`
    throw new ConnectException(`Cannot make the replication slot ${name}: ${errorMessage(cause)}`, {
      cause,
      action: hint,
    })
  }
}

/** Drops the slot; one that is not there is as good. */
export async function dropSlot(ask: Ask, name: string): Promise<void> {
  try {
    await ask(`SELECT pg_catalog.pg_drop_replication_slot(${literal(name)})`)
  } catch (error) {
    if (sqlState(error) !== OBJECT_MISSING) throw error
  }
}
