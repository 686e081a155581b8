// Transactions that the server sends before they end: kept in files until they do, and then given out as if they had come
// whole. Only where `streaming` is asked for in slot.stream.params. What is in memory is bounded; the files have no name any
// more once they are open, so that a process that is killed leaves none behind.
import { type FileHandle, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectException, errorMessage, type Logger } from '@millrace/api'
import {
  type PgOutputHandler,
  type PgOutputReader,
  readStreamAbort,
  readStreamCommit,
  readStreamStart,
  type StreamCommit,
  StreamMessage,
} from './protocol/pgoutput.ts'

/** Bytes of all transactions together that may wait in memory. */
const MAX_WAITING = 4 * 1024 * 1024
const READ_BYTES = 1024 * 1024
/** Length of the message, its position, and the (sub)transaction it belongs to. */
const HEADER = 16
const TYPE_NAME = 0x59
const ORIGIN = 0x4f
const RELATION = 0x52

/** Where messages of transactions that are committed go. */
export interface SpoolHandler extends PgOutputHandler {
  /** The next message begins here. */
  at(lsn: number): void
}

/** Holds the transactions in progress of one stream. */
export class Spool {
  readonly #handler: SpoolHandler
  readonly #reader: PgOutputReader
  readonly #log: Logger
  readonly #transactions = new Map<number, Transaction>()
  /** The one whose block is open. */
  #current: Transaction | null = null
  #committed: Replay | null = null
  #waiting = 0

  constructor(handler: SpoolHandler, reader: PgOutputReader, log: Logger) {
    this.#handler = handler
    this.#reader = reader
    this.#log = log
  }

  /** Takes a message that belongs to a transaction in progress, or says how one ended; false for all others. */
  take(bytes: Buffer, at: number, end: number, lsn: number): boolean {
    const type = bytes[at] as number
    if (this.#current !== null) {
      if (type === StreamMessage.STOP) this.#current = null
      else if (type !== TYPE_NAME) this.#waiting += this.#current.append(bytes, at, end, lsn)
      return true
    }
    switch (type) {
      case StreamMessage.START: {
        const { xid } = readStreamStart(bytes, at + 1)
        const known = this.#transactions.get(xid)
        this.#current = known ?? new Transaction(xid, lsn)
        if (known === undefined) this.#transactions.set(xid, this.#current)
        return true
      }
      case StreamMessage.COMMIT: {
        const commit = readStreamCommit(bytes, at + 1)
        const transaction = this.#transactions.get(commit.xid) ?? new Transaction(commit.xid, lsn)
        this.#transactions.delete(commit.xid)
        this.#waiting -= transaction.waiting
        this.#committed = new Replay(transaction, commit, lsn)
        return true
      }
      case StreamMessage.ABORT: {
        const { xid, subXid } = readStreamAbort(bytes, at + 1)
        if (xid === subXid) this.#forget(xid)
        else this.#transactions.get(xid)?.aborted.add(subXid)
        return true
      }
      default:
        return false
    }
  }

  /** Whether a committed transaction is being given out: the stream has to wait until it is. */
  get isReplaying(): boolean {
    return this.#committed !== null
  }
  /** Whether {@link settle} has to be awaited before anything else is taken or given out. */
  get isUnsettled(): boolean {
    return this.#waiting > MAX_WAITING || this.#committed?.needsMore === true
  }

  /** Writes what has gathered, or reads on. @throws ConnectException when the files cannot be written or read */
  async settle(): Promise<void> {
    try {
      if (this.#committed !== null) await this.#committed.load()
      else {
        for (const one of this.#transactions.values()) await one.flush()
        this.#waiting = 0
      }
    } catch (cause) {
      throw new ConnectException(`Cannot keep a transaction in progress in ${tmpdir()}: ${errorMessage(cause)}`, {
        cause,
        action:
          "Give it room, set TMPDIR to another folder, or remove 'streaming' from 'slot.stream.params': the server then keeps it.",
      })
    }
  }

  /** Gives out one message of the committed transaction. @returns its size in bytes, 0 when it has to be read first */
  replay(): number {
    const replay = this.#committed as Replay
    const size = replay.next(this.#handler, this.#reader)
    if (!replay.isDone) return size
    this.#committed = null
    this.#log.debug(`Transaction ${replay.xid} was sent before it ended: ${replay.bytes} bytes`)
    replay.close()
    return size
  }

  close(): void {
    for (const xid of [...this.#transactions.keys()]) this.#forget(xid)
    this.#committed?.close()
    this.#committed = null
  }

  #forget(xid: number): void {
    const transaction = this.#transactions.get(xid)
    if (transaction === undefined) return
    this.#transactions.delete(xid)
    this.#waiting -= transaction.waiting
    transaction.close()
  }
}

/** A transaction in progress: what is not in memory is in its file. */
class Transaction {
  readonly xid: number
  readonly firstLsn: number
  /** Savepoints that were rolled back. */
  readonly aborted = new Set<number>()
  #chunks: Buffer[] = []
  #waiting = 0
  #file: FileHandle | null = null
  #written = 0

  constructor(xid: number, firstLsn: number) {
    this.xid = xid
    this.firstLsn = firstLsn
  }

  get waiting(): number {
    return this.#waiting
  }
  get size(): number {
    return this.#written + this.#waiting
  }

  /** @returns how many bytes more wait in memory */
  append(bytes: Buffer, at: number, end: number, lsn: number): number {
    // Every message in a block names its transaction, except for origins.
    const isOrigin = bytes[at] === ORIGIN
    const skipped = isOrigin ? 0 : 4
    const length = end - at - skipped
    const record = Buffer.allocUnsafe(HEADER + length)
    record.writeUInt32BE(length, 0)
    record.writeDoubleBE(lsn, 4)
    record.writeUInt32BE(isOrigin ? this.xid : bytes.readUInt32BE(at + 1), 12)
    record[HEADER] = bytes[at] as number
    bytes.copy(record, HEADER + 1, at + 1 + skipped, end)
    this.#chunks.push(record)
    this.#waiting += record.length
    return record.length
  }

  async flush(): Promise<void> {
    if (this.#waiting === 0) return
    this.#file ??= await openUnnamed(this.xid)
    const all = Buffer.concat(this.#chunks)
    for (let at = 0; at < all.length; ) {
      const { bytesWritten } = await this.#file.write(all, at, all.length - at, this.#written + at)
      at += bytesWritten
    }
    this.#written += all.length
    this.#chunks = []
    this.#waiting = 0
  }

  /** Up to `size` bytes from `at`; what is still in memory is beyond what is in the file. */
  async read(at: number, size: number): Promise<Buffer> {
    if (at >= this.#written) return this.#tail(at - this.#written)
    const into = Buffer.allocUnsafe(Math.min(size, this.#written - at))
    const { bytesRead } = await (this.#file as FileHandle).read(into, 0, into.length, at)
    if (bytesRead === 0) throw new Error(`The file ends at ${at} of ${this.#written} bytes`)
    return into.subarray(0, bytesRead)
  }

  #tail(skip: number): Buffer {
    const all = Buffer.concat(this.#chunks)
    return all.subarray(skip)
  }

  close(): void {
    this.#chunks = []
    this.#waiting = 0
    const file = this.#file
    this.#file = null
    file?.close().catch(() => {})
  }
}

/** A committed transaction that is given out. */
class Replay {
  readonly #transaction: Transaction
  readonly #commit: StreamCommit
  readonly #lsn: number
  #begun = false
  #done = false
  #buffer: Buffer = Buffer.alloc(0)
  #at = 0
  /** How much of the transaction is in the buffer or was. */
  #read = 0

  /** @param lsn of the message that says it is committed */
  constructor(transaction: Transaction, commit: StreamCommit, lsn: number) {
    this.#transaction = transaction
    this.#commit = commit
    this.#lsn = lsn
  }

  get xid(): number {
    return this.#transaction.xid
  }
  get bytes(): number {
    return this.#transaction.size
  }
  get isDone(): boolean {
    return this.#done
  }
  get needsMore(): boolean {
    return this.#read < this.#transaction.size && this.#buffer.length - this.#at < this.#wanted()
  }

  /** Reads on, until a whole message is there. */
  async load(): Promise<void> {
    while (this.needsMore) {
      const rest = this.#buffer.subarray(this.#at)
      const more = await this.#transaction.read(this.#read, Math.max(READ_BYTES, this.#wanted() - rest.length))
      this.#read += more.length
      // Never written into again: rows are read where they lie.
      this.#buffer = rest.length === 0 ? more : Buffer.concat([rest, more])
      this.#at = 0
    }
  }

  next(handler: SpoolHandler, reader: PgOutputReader): number {
    const { xid, commitLsn, endLsn, commitTimeUs } = this.#commit
    if (!this.#begun) {
      this.#begun = true
      handler.at(this.#transaction.firstLsn)
      handler.begin(commitLsn, commitTimeUs, xid)
    }
    const bytes = this.#buffer
    while (this.#at < bytes.length) {
      if (this.needsMore) return 0
      const at = this.#at
      const end = at + this.#wanted()
      this.#at = end
      // The server does not describe a table again because a savepoint was rolled back.
      const isUndone = bytes[at + HEADER] !== RELATION && this.#transaction.aborted.has(bytes.readUInt32BE(at + 12))
      if (isUndone) continue
      handler.at(bytes.readDoubleBE(at + 4))
      reader.read(bytes, at + HEADER, end)
      return end - at
    }
    if (this.needsMore) return 0
    handler.at(this.#lsn)
    handler.commit(commitLsn, endLsn, commitTimeUs)
    this.#done = true
    return 1
  }

  close(): void {
    this.#transaction.close()
  }

  /** Bytes of the next message with its header; those of the header while that is not there. */
  #wanted(): number {
    return this.#buffer.length - this.#at < HEADER ? HEADER : HEADER + this.#buffer.readUInt32BE(this.#at)
  }
}

let files = 0
/** Opens a file for this transaction only. */
async function openUnnamed(xid: number): Promise<FileHandle> {
  const path = join(tmpdir(), `millrace-transaction-${process.pid}-${xid}-${++files}`)
  const file = await open(path, 'wx+', 0o600)
  // Where an open file cannot be removed it stays until the folder is cleaned.
  await rm(path, { force: true }).catch(() => {})
  return file
}
