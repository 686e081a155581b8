// Bodies of the events that are not rows: positions, transactions, statements.
import { decoderOfCollation } from './charset.ts'
import { unpackEvent } from './compression.ts'
import { Cursor } from './cursor.ts'
import { type MariaDbGtid, mariaDbGtidText } from './gtid-mariadb.ts'

/** FORMAT_DESCRIPTION_EVENT: what the following events look like. */
export interface FormatDescription {
  readonly serverVersion: string
  /** Whether events end in a CRC32. */
  readonly checksums: boolean
}

const CHECKSUM_CRC32 = 1

/** `body` is the whole body: this event always has room for a checksum when its server knows checksums. */
export function readFormatDescription(body: Buffer): FormatDescription {
  const cursor = new Cursor(body, 2)
  const version = cursor.bytes(50).latin1Slice().replace(/\0.*$/s, '')
  return { serverVersion: version, checksums: knowsChecksums(version) && body[body.length - 5] === CHECKSUM_CRC32 }
}

/** Checksums came with MySQL 5.6.1 and MariaDB 5.3. */
function knowsChecksums(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = (/^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  const number = major * 1_000_000 + minor * 1_000 + patch
  return number >= (/mariadb/i.test(version) ? 5_003_000 : 5_006_001)
}

/** ROTATE_EVENT: the file that follows, and where to begin in it. */
export interface Rotation {
  readonly file: string
  readonly position: number
}

export function readRotate(body: Buffer): Rotation {
  const cursor = new Cursor(body)
  const position = Number(cursor.u64())
  return { position, file: cursor.text(cursor.left) }
}

/** GTID_LOG_EVENT, ANONYMOUS_GTID_LOG_EVENT or GTID_TAGGED_LOG_EVENT; `gtid` is null for an anonymous one. */
export interface MysqlGtidEvent {
  readonly gtid: string | null
}

export function readGtid(body: Buffer): MysqlGtidEvent {
  const cursor = new Cursor(body, 1)
  const uuid = uuidText(cursor.bytes(16))
  return { gtid: `${uuid}:${cursor.u64()}` }
}

/**
 * GTID_TAGGED_LOG_EVENT: fields with numbers, integers of variable length.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/PageLibsMysqlSerialization.html
 */
export function readTaggedGtid(body: Buffer): MysqlGtidEvent {
  const cursor = new Cursor(body)
  // Version of the format, size of the message, number of the last field that must be understood.
  for (let i = 0; i < 3; i++) variableUint(cursor)
  let uuid = ''
  let number = 0n
  let tag = ''
  while (cursor.left > 0) {
    const field = variableUint(cursor)
    if (field === 0n) variableUint(cursor)
    else if (field === 1n) uuid = uuidText(Buffer.from(Array.from({ length: 16 }, () => Number(variableUint(cursor)))))
    else if (field === 2n) number = variableInt(cursor)
    else if (field === 3n) tag = cursor.text(Number(variableUint(cursor)))
    else break
  }
  return { gtid: tag === '' ? `${uuid}:${number}` : `${uuid}:${tag}:${number}` }
}

/** As many ones in the lowest bits of the first byte as bytes follow; the value lies above them, little-endian. */
function variableUint(cursor: Cursor): bigint {
  const first = cursor.u8()
  let more = 0
  while (more < 8 && (first & (1 << more)) !== 0) more++
  let value = more >= 7 ? 0n : BigInt(first >> (more + 1))
  const shift = more >= 7 ? 0n : BigInt(7 - more)
  for (let i = 0; i < more; i++) value |= BigInt(cursor.u8()) << (shift + BigInt(8 * i))
  return value
}

/** The lowest bit says that the rest is the complement of a negative value. */
function variableInt(cursor: Cursor): bigint {
  const value = variableUint(cursor)
  return (value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const STANDALONE = 1

/** MariaDB's GTID_EVENT: begins a transaction, or stands before a single statement. */
export interface MariaDbGtidEvent extends MariaDbGtid {
  readonly gtid: string
  /** No BEGIN is implied: one DDL statement follows, without a commit. */
  readonly standalone: boolean
}

export function readMariaDbGtid(body: Buffer, server: number): MariaDbGtidEvent {
  const cursor = new Cursor(body)
  const sequence = cursor.u64()
  const domain = cursor.u32()
  const id = { domain, server, sequence }
  return { ...id, gtid: mariaDbGtidText(id), standalone: (cursor.u8() & STANDALONE) !== 0 }
}

/** GTID_LIST_EVENT: the last transactions of each domain and server before this file. */
export function readMariaDbGtidList(body: Buffer): MariaDbGtid[] {
  const cursor = new Cursor(body)
  const count = cursor.u32() & 0x0fff_ffff
  return Array.from({ length: count }, () => {
    const domain = cursor.u32()
    const server = cursor.u32()
    return { domain, server, sequence: cursor.u64() }
  })
}

/** A statement. */
export interface Statement {
  /** Connection that ran it. */
  readonly thread: number
  /** The database it was run in; empty for none. */
  readonly database: string
  readonly sql: string
}

/** Number of the status variable that carries the character set; those before it, with the bytes of their values. */
const CHARSET_VARIABLE = 4
const LENGTHS: Readonly<Record<number, number>> = { 0: 4, 1: 8, 3: 4 }

/** QUERY_EVENT, or MariaDB's QUERY_COMPRESSED_EVENT. */
export function readQuery(body: Buffer, compressed: boolean): Statement {
  const cursor = new Cursor(body)
  const thread = cursor.u32()
  cursor.skip(4)
  const databaseLength = cursor.u8()
  cursor.skip(2)
  const variables = cursor.bytes(cursor.u16())
  const database = cursor.text(databaseLength)
  cursor.skip(1)
  const rest = cursor.rest()
  const sql = compressed ? unpackEvent(rest) : rest
  const decode = decoderOfCollation(clientCollation(variables) ?? 0)
  return { thread, database, sql: decode === undefined ? sql.utf8Slice() : decode(sql, 0, sql.length) }
}

/** The collation of `character_set_client`, which the statement is written in. */
function clientCollation(variables: Buffer): number | undefined {
  let at = 0
  while (at < variables.length) {
    const name = variables[at++]!
    if (name === CHARSET_VARIABLE) return variables.readUInt16LE(at)
    const length = name === 6 || name === 2 ? 1 + (variables[at] ?? 0) + (name === 2 ? 1 : 0) : LENGTHS[name]
    if (length === undefined) return undefined
    at += length
  }
  return undefined
}

/** ROWS_QUERY_EVENT: the statement behind the rows (`binlog_rows_query_log_events`); its one byte of length is not used. */
export function readRowsQuery(body: Buffer): string {
  return body.utf8Slice(1)
}

/** MariaDB's ANNOTATE_ROWS_EVENT. */
export function readAnnotateRows(body: Buffer): string {
  return body.utf8Slice()
}
