// Where the connector is, in Debezium's form: either may go on where the other stopped.
import { ConnectException, type OffsetMap, type PartitionOffset } from '@millrace/api'

/** Position of the last event, and what else an offset holds. Positions in the log as numbers. */
export interface Position {
  /** Of the event. */
  readonly lsn: number
  /** End of the last transaction before that of the event; null before the first. */
  readonly lsnCommit: number | null
  readonly txId: number | null
  /** How many events of this transaction at this very position are done: several rows of one `COPY` share one. */
  readonly events: number
  readonly messageType: string | null
  /** Commit time of the transaction, microseconds since 1970. */
  readonly timeUs: number
}

/** What was stored. */
export interface StoredOffset {
  readonly position: Position
  /** A snapshot that was under way and has to be taken again. */
  readonly isSnapshotOpen: boolean
  /** Log that the position is of, see `lineage.ts`; null in offsets of Debezium. */
  readonly log: string | null
  /** State of the transaction topic's counters, as stored. */
  readonly raw: OffsetMap
}

const KEYS = {
  LSN: 'lsn',
  PROCESSED: 'lsn_proc',
  COMMIT: 'lsn_commit',
  EVENTS: 'lsn_events_processed',
  LOG: 'lsn_log',
} as const

/** The partition: named by `topic.prefix`. */
export function partitionOf(prefix: string): OffsetMap {
  return Object.freeze({ server: prefix })
}

/**
 * The offset of a streamed event.
 * @param log that the position is of
 */
export function streamOffset(position: Position, log: string | null): OffsetMap {
  const offset: Record<string, string | number | null> = {
    [KEYS.PROCESSED]: position.lsn,
    messageType: position.messageType,
    [KEYS.LSN]: position.lsn,
    txId: position.txId,
    ts_usec: position.timeUs,
  }
  if (position.lsnCommit !== null) offset[KEYS.COMMIT] = position.lsnCommit
  if (position.events > 1) offset[KEYS.EVENTS] = position.events
  if (log !== null) offset[KEYS.LOG] = log
  return offset
}

/** The offset of a row of a snapshot. */
export function snapshotOffset(position: Position, isLast: boolean): OffsetMap {
  return {
    ts_usec: position.timeUs,
    txId: position.txId,
    lsn: position.lsn,
    snapshot: 'INITIAL',
    snapshot_completed: isLast,
    last_snapshot_record: isLast,
  }
}

/**
 * Reads an offset of either make.
 * @throws ConnectException when it holds no position
 */
export function readOffset(raw: OffsetMap): StoredOffset {
  const lsn = numberOf(raw, KEYS.PROCESSED) ?? numberOf(raw, KEYS.LSN)
  if (lsn === null) {
    throw new ConnectException(
      `The stored offset has no position: ${JSON.stringify(raw, (_, one) => (typeof one === 'bigint' ? String(one) : one))}`,
      {
        action: "Reset the connector's offsets: all tables are then read again.",
      },
    )
  }
  const snapshot = raw.snapshot !== undefined && raw.snapshot !== null && raw.snapshot !== false
  return {
    position: {
      lsn,
      lsnCommit: numberOf(raw, KEYS.COMMIT),
      txId: numberOf(raw, 'txId'),
      events: numberOf(raw, KEYS.EVENTS) ?? 1,
      messageType: textOf(raw, 'messageType'),
      timeUs: numberOf(raw, 'ts_usec') ?? 0,
    },
    isSnapshotOpen: snapshot && raw.snapshot_completed !== true && raw.last_snapshot_record !== true,
    log: textOf(raw, KEYS.LOG),
    raw,
  }
}

/** Checks offsets that a user wants to set; resets are always taken. @throws ConnectException */
export function checkOffsets(offsets: readonly PartitionOffset[]): void {
  for (const { partition, offset } of offsets) {
    if (offset === null) continue
    if (typeof partition?.server !== 'string') {
      throw new ConnectException("Partition objects should contain the key 'server' with the connector's topic.prefix")
    }
    readOffset(offset)
  }
}

function textOf(raw: OffsetMap, key: string): string | null {
  const value = raw[key]
  return typeof value === 'string' ? value : null
}

function numberOf(raw: OffsetMap, key: string): number | null {
  const value = raw[key]
  if (value === undefined || value === null) return null
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new ConnectException(`The value of '${key}' in the offset should be a position in the log, but was ${value}`, {
    action: 'Alter or reset the offsets of the connector.',
  })
}
