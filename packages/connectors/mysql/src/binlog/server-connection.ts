// Connects as a replica: the driver's handshake and login, then the connection is ours.
import type { Duplex } from 'node:stream'
import { ConnectException } from '@millrace/api'
import { type ConnectionOptions, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { MysqlGtidSet } from './gtid.ts'
import { PacketReader } from './packets.ts'

/** Where reading begins. */
export type BinlogStart =
  | { readonly kind: 'position'; readonly file: string; readonly position: number }
  /** MySQL: the server sends all transactions that are not in the set. */
  | { readonly kind: 'gtid'; readonly executed: MysqlGtidSet }
  /** MariaDB: the server sends what comes after these transactions, one of each domain. */
  | { readonly kind: 'mariadb-gtid'; readonly position: string }

/** How to ask for the binlog. */
export interface BinlogOptions {
  readonly connection: ConnectionOptions
  /** Makes the connection, where that is more than to ask the driver. */
  readonly connect?: (options: ConnectionOptions) => Promise<Client>
  readonly start: BinlogStart
  /** Must differ from that of every server and replica of the cluster. */
  readonly serverId: number
  /** A server with nothing to send tells so this often, ms. */
  readonly heartbeatMs: number
  /** Statements behind the rows are wanted (MariaDB sends them on demand). */
  readonly statements: boolean
}

const COM_BINLOG_DUMP = 0x12
const COM_REGISTER_SLAVE = 0x15
const COM_BINLOG_DUMP_GTID = 0x1e
const FLAG_THROUGH_GTID = 4
const FLAG_SEND_ANNOTATE_ROWS = 2
const NANOSECONDS = 1_000_000
/** A dump command carries four bytes of position; a file is read from there on, whatever its length. */
const MOST_POSITION = 0xffff_ffff

/** An error packet of the server while the binlog was asked for or read. */
export class BinlogServerError extends Error {
  /** The server's error number: 1236 when it cannot send what was asked for. */
  readonly errno: number
  readonly sqlState: string

  constructor(errno: number, sqlState: string, message: string) {
    super(message)
    this.name = 'BinlogServerError'
    this.errno = errno
    this.sqlState = sqlState
  }
}

/** The fields of the driver's connection that its types leave out. */
interface RawConnection {
  readonly stream: Duplex
  on(event: 'error', listener: () => void): void
  destroy(): void
}

/** A connection that sends the binlog. */
export interface BinlogConnection {
  readonly packets: PacketReader
  readonly isMariaDb: boolean
  /** Whether events end in a CRC32, already before the first one that says so. */
  readonly checksums: boolean
  destroy(): void
}

/** @throws an error of the driver when it cannot connect, BinlogServerError when the server refuses */
export async function openBinlog(options: BinlogOptions): Promise<BinlogConnection> {
  const connect = options.connect ?? createConnection
  const client = await connect({ ...options.connection, compress: false, enableKeepAlive: true })
  const raw = (client as unknown as { readonly connection: RawConnection }).connection
  raw.on('error', () => {})
  try {
    const { isMariaDb, checksums } = await prepareSession(client, options)
    const { stream } = raw
    stream.removeAllListeners('data')
    const packets = new PacketReader(stream)
    await command(stream, packets, registerSlave(options.serverId))
    stream.write(frame(dump(options, isMariaDb)))
    return { packets, isMariaDb, checksums, destroy: () => destroyWhole(raw) }
  } catch (error) {
    destroyWhole(raw)
    throw error
  }
}

/**
 * The driver only ends its side: a server with more to send would stay in its write until net_write_timeout, and MariaDB
 * gives nothing to another reader of the same server id until then.
 */
function destroyWhole(raw: RawConnection): void {
  raw.destroy()
  raw.stream.destroy()
}

type Client = Awaited<ReturnType<typeof createConnection>>

/** Sets what a dump thread reads of its session. */
async function prepareSession(
  client: Client,
  { start, heartbeatMs }: BinlogOptions,
): Promise<{ isMariaDb: boolean; checksums: boolean }> {
  const [[row]] = await client.query<RowDataPacket[]>('SELECT VERSION() AS version')
  const version = String(row?.version)
  const isMariaDb = /mariadb/i.test(version)
  // A server before checksums does not know the variable; it writes none then.
  await client.query('SET @master_binlog_checksum = @@global.binlog_checksum').catch(() => {})
  await client.query('SET @source_binlog_checksum = @master_binlog_checksum').catch(() => {})
  const [[sum]] = await client.query<RowDataPacket[]>('SELECT @master_binlog_checksum AS algorithm')
  const checksums = /crc32/i.test(String(sum?.algorithm ?? ''))
  const period = heartbeatMs * NANOSECONDS
  await client.query(`SET @master_heartbeat_period = ${period}, @source_heartbeat_period = ${period}`)
  if (isMariaDb) await client.query('SET @mariadb_slave_capability = 4')
  if (start.kind === 'mariadb-gtid') {
    if (!isMariaDb) throw new ConnectException(`A MariaDB position (${start.position}) was asked of MySQL ${version}`)
    await client.query('SET @slave_connect_state = ?', [start.position])
    await client.query('SET @slave_gtid_strict_mode = 0, @slave_gtid_ignore_duplicates = 0')
  }
  return { isMariaDb, checksums }
}

function registerSlave(serverId: number): Buffer {
  // No host, user and password are told; port, rank and the server's id are zero.
  const body = Buffer.alloc(1 + 4 + 3 + 2 + 4 + 4)
  body[0] = COM_REGISTER_SLAVE
  body.writeUInt32LE(serverId, 1)
  return body
}

function dump({ start, serverId, statements }: BinlogOptions, isMariaDb: boolean): Buffer {
  const flags = isMariaDb && statements ? FLAG_SEND_ANNOTATE_ROWS : 0
  if (start.kind === 'gtid') {
    const set = start.executed.toBytes()
    const head = Buffer.alloc(1 + 2 + 4 + 4 + 8 + 4)
    head[0] = COM_BINLOG_DUMP_GTID
    head.writeUInt16LE(flags | FLAG_THROUGH_GTID, 1)
    head.writeUInt32LE(serverId, 3)
    head.writeUInt32LE(4, 11)
    head.writeUInt32LE(set.length, 19)
    return Buffer.concat([head, set])
  }
  const { file, position } = start.kind === 'position' ? start : { file: '', position: 4 }
  const head = Buffer.alloc(1 + 4 + 2 + 4)
  head[0] = COM_BINLOG_DUMP
  head.writeUInt32LE(Math.min(position, MOST_POSITION), 1)
  head.writeUInt16LE(flags, 5)
  head.writeUInt32LE(serverId, 7)
  return Buffer.concat([head, Buffer.from(file)])
}

function frame(body: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(body.length, 0, 3)
  return Buffer.concat([header, body])
}

const ANSWER_MS = 30_000

/** Sends a command and waits for its answer. @throws BinlogServerError when that is an error */
async function command(stream: Duplex, packets: PacketReader, body: Buffer): Promise<void> {
  stream.write(frame(body))
  const signal = AbortSignal.timeout(ANSWER_MS)
  let answer = packets.next()
  while (answer === undefined) {
    if (signal.aborted) throw new Error(`The server did not answer within ${ANSWER_MS} ms`)
    await packets.wait(ANSWER_MS, signal)
    answer = packets.next()
  }
  if (answer[0] === ERROR) throw readError(answer)
}

/** First byte of an error packet. */
export const ERROR = 0xff
const WITH_STATE = 0x23

/** Reads an error packet: number, state, message. */
export function readError(packet: Buffer): BinlogServerError {
  const errno = packet.readUInt16LE(1)
  if (packet[3] !== WITH_STATE) return new BinlogServerError(errno, '', packet.utf8Slice(3))
  return new BinlogServerError(errno, packet.latin1Slice(4, 9), packet.utf8Slice(9))
}
