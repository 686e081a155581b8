// Source offsets as Debezium writes them: where to begin again, and how many events and rows of the transaction were done.
import type { OffsetMap } from '@millrace/api'

/** Where reading begins again. */
export interface ResumePoint {
  readonly file: string
  readonly position: number
  readonly gtids: string | null
  /** Events of the transaction that are done, its begin included. */
  readonly events: number
  /** Rows of the event after them that are done. */
  readonly rows: number
  /** A snapshot that was not finished. */
  readonly inSnapshot: boolean
  readonly serverId: number
}

/** Reads a stored offset. @throws RangeError when a field is not what it should be */
export function readOffset(offset: OffsetMap): ResumePoint {
  const file = offset.file
  const position = Number(offset.pos)
  if (typeof file !== 'string' || !Number.isSafeInteger(position)) {
    throw new RangeError(`The stored offset has no file and position of a binlog: ${JSON.stringify(offset, shown)}`)
  }
  return {
    file,
    position,
    gtids: typeof offset.gtids === 'string' && offset.gtids !== '' ? offset.gtids : null,
    events: Number(offset.event ?? 0),
    rows: Number(offset.row ?? 0),
    inSnapshot:
      offset.snapshot !== undefined &&
      offset.snapshot !== null &&
      offset.snapshot !== false &&
      offset.snapshot !== 'false',
    serverId: Number(offset.server_id ?? 0),
  }
}

function shown(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** Follows the reader and knows the offset of each record. */
export class OffsetTracker {
  #restartFile: string
  #restartPosition: number
  #restartGtids: string | null
  #currentGtids: string | null
  #events = 0
  #rows = 0
  #inTransaction = false
  #eventLength = 0
  #position = 0
  file: string
  /** What stands in a change event's source. */
  gtid: string | null = null
  serverId = 0
  seconds: number | null = null
  thread: number | null = null
  query: string | null = null
  snapshot: string | null = null

  constructor(start: { file: string; position: number; gtids: string | null; serverId?: number }) {
    this.file = this.#restartFile = start.file
    this.#position = this.#restartPosition = start.position
    this.#restartGtids = this.#currentGtids = start.gtids
    this.serverId = start.serverId ?? 0
  }

  get position(): number {
    return this.#position
  }
  get gtids(): string | null {
    return this.#currentGtids
  }
  get inTransaction(): boolean {
    return this.#inTransaction
  }
  /** The transaction's id as transaction metadata has it. */
  get transactionId(): string {
    return this.gtid ?? `file=${this.#restartFile},pos=${this.#restartPosition}`
  }

  /** After a restart inside a transaction: what is done of it stays done until the reader is past it. */
  resume(events: number, rows: number): void {
    this.#events = events
    this.#rows = rows
  }
  rotate(file: string, position: number): void {
    this.file = this.#restartFile = file
    this.#position = this.#restartPosition = position
    this.#events = this.#rows = 0
  }
  /** An event begins. */
  event(position: number, length: number): void {
    this.#position = position
    this.#eventLength = length
    if (this.#inTransaction) return
    this.#restartPosition = position + length
    this.#events = this.#rows = 0
  }
  /** A transaction with a GTID begins; `gtids` is the set with it. */
  startGtid(gtid: string, gtids: string): void {
    this.gtid = gtid
    this.#restartGtids = this.#currentGtids === null || this.#currentGtids === '' ? gtids : this.#currentGtids
    this.#currentGtids = gtids
  }
  begin(): void {
    this.#events = this.#rows = 0
    this.#restartFile = this.file
    this.#restartPosition = this.#position
    this.#inTransaction = true
  }
  commit(): void {
    this.#restartGtids = this.#currentGtids
    this.#restartFile = this.file
    this.#restartPosition = this.#position + this.#eventLength
    this.#events = this.#rows = 0
    this.#inTransaction = false
    this.query = null
    this.thread = null
  }
  row(index: number, count: number): void {
    this.#rows = index < count - 1 ? index + 1 : count
  }
  rowsDone(): void {
    this.#rows = 0
  }
  eventDone(): void {
    this.#events++
  }

  /** The offset to store with what was made last. */
  offset(): OffsetMap {
    const offset: Record<string, string | number | boolean> = {}
    if (this.serverId !== 0) offset.server_id = this.serverId
    if (this.#restartGtids !== null) offset.gtids = this.#restartGtids
    offset.file = this.#restartFile
    offset.pos = this.#restartPosition
    if (this.#events !== 0) offset.event = this.#events
    if (this.#rows !== 0) offset.row = this.#rows
    if (this.seconds !== null) offset.ts_sec = this.seconds
    if (this.snapshot !== null) offset.snapshot = this.snapshot
    return offset
  }
}
