// The messages of the `pgoutput` plugin, read where they lie: rows are handed on as positions. Those of
// transactions in progress (versions 2 to 4) are told apart by `spool.ts`; two-phase commit (version 3) is never asked for.
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
 * What the messages are given to. Positions of tuples are valid during the call;
 * a tuple begins with its count of columns.
 */
export interface PgOutputHandler {
  begin(finalLsn: number, commitTimeUs: number, xid: number): void
  commit(commitLsn: number, endLsn: number, commitTimeUs: number): void
  origin(lsn: number, name: string): void
  relation(relation: Relation): void
  insert(relationId: number, bytes: Buffer, newAt: number): void
  /** `oldAt` is -1 when there is no old row. */
  update(relationId: number, bytes: Buffer, old: OldKind, oldAt: number, newAt: number): void
  delete(relationId: number, bytes: Buffer, old: OldKind, oldAt: number): void
  /** `options`: bit 0 CASCADE, bit 1 RESTART IDENTITY. */
  truncate(relationIds: readonly number[], options: number): void
  message(transactional: boolean, lsn: number, prefix: string, content: Buffer): void
}

/** Reads messages one by one; it keeps nothing between them. */
export class PgOutputReader {
  readonly #to: PgOutputHandler

  constructor(to: PgOutputHandler) {
    this.#to = to
  }

  /**
   * Reads the message from `at` to `end`.
   * @throws ConnectException when it is not one of this protocol
   */
  read(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at] as number
    const next = at + 1
    switch (type) {
      case 0x49: // I
        this.#to.insert(bytes.readUInt32BE(next), bytes, next + 5)
        return
      case 0x55: // U
        this.#update(bytes, next)
        return
      case 0x44: {
        // D
        const old = bytes[next + 4] === 0x4b ? 'key' : 'full'
        this.#to.delete(bytes.readUInt32BE(next), bytes, old, next + 5)
        return
      }
      case 0x42: // B
        this.#to.begin(readLsn(bytes, next), readTimeUs(bytes, next + 8), bytes.readUInt32BE(next + 16))
        return
      case 0x43: // C
        this.#to.commit(readLsn(bytes, next + 1), readLsn(bytes, next + 9), readTimeUs(bytes, next + 17))
        return
      case 0x52: // R
        this.#to.relation(readRelation(bytes, next))
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
        throw new ConnectException(
          `The server sent a message of ${end - at} bytes of the unknown type '${String.fromCharCode(type)}'`,
          { action: "Leave 'proto_version' and 'two_phase' out of 'slot.stream.params'." },
        )
    }
  }

  #update(bytes: Buffer, from: number): void {
    const relation = bytes.readUInt32BE(from)
    const kind = bytes[from + 4]
    if (kind === 0x4e) {
      this.#to.update(relation, bytes, 'none', -1, from + 5)
      return
    }
    const newAt = skipTuple(bytes, from + 5) + 1
    this.#to.update(relation, bytes, kind === 0x4b ? 'key' : 'full', from + 5, newAt)
  }

  #truncate(bytes: Buffer, from: number): void {
    const count = bytes.readUInt32BE(from)
    const ids = Array.from({ length: count }, (_, index) => bytes.readUInt32BE(from + 5 + index * 4))
    this.#to.truncate(ids, bytes[from + 4] as number)
  }

  #message(bytes: Buffer, from: number): void {
    const prefixAt = from + 9
    const prefixEnd = bytes.indexOf(0, prefixAt)
    const size = bytes.readUInt32BE(prefixEnd + 1)
    const content = bytes.subarray(prefixEnd + 5, prefixEnd + 5 + size)
    this.#to.message(
      (bytes[from] as number) === 1,
      readLsn(bytes, from + 1),
      bytes.toString('utf8', prefixAt, prefixEnd),
      content,
    )
  }
}

/** Messages about transactions that are sent before they end. Messages between START and STOP carry their transaction. */
export const StreamMessage = { START: 0x53, STOP: 0x45, COMMIT: 0x63, ABORT: 0x41 } as const

/** A transaction that was sent before it ended is committed. */
export interface StreamCommit {
  readonly xid: number
  readonly commitLsn: number
  readonly endLsn: number
  readonly commitTimeUs: number
}

/** Reads START from after its type. */
export function readStreamStart(bytes: Buffer, at: number): { readonly xid: number; readonly isFirst: boolean } {
  return { xid: bytes.readUInt32BE(at), isFirst: bytes[at + 4] === 1 }
}

/** Reads COMMIT from after its type. */
export function readStreamCommit(bytes: Buffer, at: number): StreamCommit {
  return {
    xid: bytes.readUInt32BE(at),
    commitLsn: readLsn(bytes, at + 5),
    endLsn: readLsn(bytes, at + 13),
    commitTimeUs: readTimeUs(bytes, at + 21),
  }
}

/** Reads ABORT from after its type; the whole transaction ends when both numbers are the same, else only a savepoint. */
export function readStreamAbort(bytes: Buffer, at: number): { readonly xid: number; readonly subXid: number } {
  return { xid: bytes.readUInt32BE(at), subXid: bytes.readUInt32BE(at + 4) }
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
