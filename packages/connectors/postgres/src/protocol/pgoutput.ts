// The messages of the `pgoutput` plugin, protocol versions 1 to 4, read where they lie: rows are handed on as positions.
// https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
import { ConnectException } from '@millrace/api'
import { readLsn, readTimeUs } from './lsn.ts'

/** A column of a {@link Relation}. */
export interface RelationColumn {
  readonly name: string
  readonly typeOid: number
  /** Type modifier, -1 without. */
  readonly modifier: number
  /** Part of the replica identity. */
  readonly isKey: boolean
}

/** A table as rows of it follow. */
export interface Relation {
  readonly id: number
  readonly schema: string
  readonly table: string
  /** `d` default, `n` nothing, `f` full, `i` index. */
  readonly replicaIdentity: string
  readonly columns: readonly RelationColumn[]
}

/** Kind of a value in a tuple. */
export const TupleKind = { NULL: 0x6e, UNCHANGED: 0x75, TEXT: 0x74, BINARY: 0x62 } as const
/** Which old row an update or delete carries: none, the key columns only, all. */
export type OldKind = 'none' | 'key' | 'full'

/**
 * What the messages are given to. `xid` is 0 outside a streamed transaction. Positions of tuples are valid during the call;
 * a tuple begins with its count of columns.
 */
export interface PgOutputHandler {
  begin(finalLsn: number, commitTimeUs: number, xid: number): void
  commit(commitLsn: number, endLsn: number, commitTimeUs: number): void
  origin(lsn: number, name: string): void
  relation(relation: Relation): void
  insert(relationId: number, bytes: Buffer, newAt: number, xid: number): void
  /** `oldAt` is -1 when there is no old row. */
  update(relationId: number, bytes: Buffer, old: OldKind, oldAt: number, newAt: number, xid: number): void
  delete(relationId: number, bytes: Buffer, old: OldKind, oldAt: number, xid: number): void
  /** `options`: bit 0 CASCADE, bit 1 RESTART IDENTITY. */
  truncate(relationIds: readonly number[], options: number, xid: number): void
  message(transactional: boolean, lsn: number, prefix: string, content: Buffer, xid: number): void
  streamStart(xid: number, isFirst: boolean): void
  streamStop(): void
  streamCommit(xid: number, commitLsn: number, endLsn: number, commitTimeUs: number): void
  streamAbort(xid: number, subXid: number): void
  /** Two-phase: begin of a prepared transaction. */
  beginPrepare(prepareLsn: number, endLsn: number, prepareTimeUs: number, xid: number, gid: string): void
  prepare(prepareLsn: number, endLsn: number, prepareTimeUs: number, xid: number, gid: string, streamed: boolean): void
  commitPrepared(commitLsn: number, endLsn: number, commitTimeUs: number, xid: number, gid: string): void
  rollbackPrepared(prepareEndLsn: number, rollbackEndLsn: number, timeUs: number, xid: number, gid: string): void
}

/** Reads messages one by one. Keeps only whether a streamed block is open: inside one, messages carry their transaction. */
export class PgOutputReader {
  readonly #to: PgOutputHandler
  #streaming = false

  constructor(to: PgOutputHandler) {
    this.#to = to
  }

  /**
   * Reads the message from `at` to `end`.
   * @throws ConnectException when it is not one of this protocol
   */
  read(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at] as number
    let next = at + 1
    let xid = 0
    switch (type) {
      case 0x49: // I
        if (this.#streaming) {
          xid = bytes.readUInt32BE(next)
          next += 4
        }
        this.#to.insert(bytes.readUInt32BE(next), bytes, next + 5, xid)
        return
      case 0x55: // U
        if (this.#streaming) {
          xid = bytes.readUInt32BE(next)
          next += 4
        }
        this.#update(bytes, next, xid)
        return
      case 0x44: {
        // D
        if (this.#streaming) {
          xid = bytes.readUInt32BE(next)
          next += 4
        }
        const old = bytes[next + 4] === 0x4b ? 'key' : 'full'
        this.#to.delete(bytes.readUInt32BE(next), bytes, old, next + 5, xid)
        return
      }
      case 0x42: // B
        this.#to.begin(readLsn(bytes, next), readTimeUs(bytes, next + 8), bytes.readUInt32BE(next + 16))
        return
      case 0x43: // C
        this.#to.commit(readLsn(bytes, next + 1), readLsn(bytes, next + 9), readTimeUs(bytes, next + 17))
        return
      case 0x52: // R
        this.#to.relation(readRelation(bytes, this.#streaming ? next + 4 : next))
        return
      case 0x59: // Y: names a type that is not built in; types are read from the catalogue instead
        return
      case 0x4f: // O
        this.#to.origin(readLsn(bytes, next), readString(bytes, next + 8))
        return
      case 0x54: // T
        this.#truncate(bytes, next)
        return
      case 0x4d: // M
        this.#message(bytes, next)
        return
      default:
        this.#rare(type, bytes, next, end)
        return
    }
  }

  #update(bytes: Buffer, from: number, xid: number): void {
    const relation = bytes.readUInt32BE(from)
    const kind = bytes[from + 4]
    if (kind === 0x4e) {
      this.#to.update(relation, bytes, 'none', -1, from + 5, xid)
      return
    }
    const newAt = skipTuple(bytes, from + 5) + 1
    this.#to.update(relation, bytes, kind === 0x4b ? 'key' : 'full', from + 5, newAt, xid)
  }

  #truncate(bytes: Buffer, from: number): void {
    const xid = this.#streaming ? bytes.readUInt32BE(from) : 0
    const at = this.#streaming ? from + 4 : from
    const count = bytes.readUInt32BE(at)
    const ids = Array.from({ length: count }, (_, index) => bytes.readUInt32BE(at + 5 + index * 4))
    this.#to.truncate(ids, bytes[at + 4] as number, xid)
  }

  #message(bytes: Buffer, from: number): void {
    const xid = this.#streaming ? bytes.readUInt32BE(from) : 0
    const at = this.#streaming ? from + 4 : from
    const prefixAt = at + 9
    const prefixEnd = bytes.indexOf(0, prefixAt)
    const size = bytes.readUInt32BE(prefixEnd + 1)
    const content = bytes.subarray(prefixEnd + 5, prefixEnd + 5 + size)
    this.#to.message(
      (bytes[at] as number) === 1,
      readLsn(bytes, at + 1),
      bytes.toString('utf8', prefixAt, prefixEnd),
      content,
      xid,
    )
  }

  /** Blocks of streamed transactions (version 2), and two-phase commit (version 3). */
  #rare(type: number, bytes: Buffer, at: number, end: number): void {
    switch (type) {
      case 0x53: // S
        this.#streaming = true
        this.#to.streamStart(bytes.readUInt32BE(at), bytes[at + 4] === 1)
        return
      case 0x45: // E
        this.#streaming = false
        this.#to.streamStop()
        return
      case 0x63: {
        // c
        const xid = bytes.readUInt32BE(at)
        this.#to.streamCommit(xid, readLsn(bytes, at + 5), readLsn(bytes, at + 13), readTimeUs(bytes, at + 21))
        return
      }
      case 0x41: // A
        this.#to.streamAbort(bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4))
        return
      case 0x62: {
        // b
        const gid = readString(bytes, at + 28)
        const [lsn, endLsn] = [readLsn(bytes, at), readLsn(bytes, at + 8)]
        this.#to.beginPrepare(lsn, endLsn, readTimeUs(bytes, at + 16), bytes.readUInt32BE(at + 24), gid)
        return
      }
      case 0x50: // P
      case 0x70: {
        // p
        const gid = readString(bytes, at + 29)
        const [lsn, endLsn, time] = [readLsn(bytes, at + 1), readLsn(bytes, at + 9), readTimeUs(bytes, at + 17)]
        this.#to.prepare(lsn, endLsn, time, bytes.readUInt32BE(at + 25), gid, type === 0x70)
        return
      }
      case 0x4b: {
        // K
        const gid = readString(bytes, at + 29)
        const [lsn, endLsn, time] = [readLsn(bytes, at + 1), readLsn(bytes, at + 9), readTimeUs(bytes, at + 17)]
        this.#to.commitPrepared(lsn, endLsn, time, bytes.readUInt32BE(at + 25), gid)
        return
      }
      case 0x72: {
        // r
        const gid = readString(bytes, at + 37)
        const [lsn, endLsn, time] = [readLsn(bytes, at + 1), readLsn(bytes, at + 9), readTimeUs(bytes, at + 25)]
        this.#to.rollbackPrepared(lsn, endLsn, time, bytes.readUInt32BE(at + 33), gid)
        return
      }
      default:
        throw new ConnectException(
          `The server sent a message of ${end - at + 1} bytes of the unknown type '${String.fromCharCode(type)}'`,
          { action: 'Use a protocol version up to 4 in slot.stream.params.' },
        )
    }
  }
}

/** Where the tuple at `at` ends. */
export function skipTuple(bytes: Buffer, at: number): number {
  let next = at + 2
  for (let left = bytes.readUInt16BE(at); left > 0; left--) {
    const kind = bytes[next++]
    if (kind === TupleKind.TEXT || kind === TupleKind.BINARY) next += 4 + bytes.readUInt32BE(next)
  }
  return next
}

function readRelation(bytes: Buffer, from: number): Relation {
  const id = bytes.readUInt32BE(from)
  const schemaEnd = bytes.indexOf(0, from + 4)
  const tableEnd = bytes.indexOf(0, schemaEnd + 1)
  const columns: RelationColumn[] = []
  let at = tableEnd + 4
  for (let left = bytes.readUInt16BE(tableEnd + 2); left > 0; left--) {
    const nameEnd = bytes.indexOf(0, at + 1)
    columns.push({
      name: bytes.toString('utf8', at + 1, nameEnd),
      typeOid: bytes.readUInt32BE(nameEnd + 1),
      modifier: bytes.readInt32BE(nameEnd + 5),
      isKey: ((bytes[at] as number) & 1) === 1,
    })
    at = nameEnd + 9
  }
  return {
    id,
    // The server leaves the system catalogue's name out.
    schema: schemaEnd === from + 4 ? 'pg_catalog' : bytes.toString('utf8', from + 4, schemaEnd),
    table: bytes.toString('utf8', schemaEnd + 1, tableEnd),
    replicaIdentity: String.fromCharCode(bytes[tableEnd + 1] as number),
    columns,
  }
}

function readString(bytes: Buffer, at: number): string {
  return bytes.toString('utf8', at, bytes.indexOf(0, at))
}
