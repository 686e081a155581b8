// The stream of a slot: opened, read frame by frame, confirmed to the server. https://www.postgresql.org/docs/current/protocol-replication.html
import type { PostgresConfig } from './config.ts'
import { Connection, quoted } from './connection.ts'
import { CopySocket } from './protocol/copy-socket.ts'
import { lsnToString, POSTGRES_EPOCH_US, readLsn, writeLsn } from './protocol/lsn.ts'
import { type PgOutputHandler, PgOutputReader } from './protocol/pgoutput.ts'

const MESSAGES_SINCE = 140_000
const DEFAULT_WAITING_BYTES = 4 * 1024 * 1024
const XLOG_DATA = 0x77
const KEEPALIVE = 0x6b
const XLOG_HEADER = 25
const STATUS_SIZE = 34

/** A stream that is open. */
export class ReplicationStream {
  readonly #connection: Connection
  readonly #socket: CopySocket
  readonly #reader: PgOutputReader
  readonly #timer: NodeJS.Timeout
  readonly #handler: StreamHandler
  #received: number

  private constructor(
    connection: Connection,
    socket: CopySocket,
    handler: StreamHandler,
    start: number,
    everyMs: number,
  ) {
    this.#connection = connection
    this.#socket = socket
    this.#handler = handler
    this.#reader = new PgOutputReader(handler)
    this.#received = start
    this.#timer = setInterval(() => this.sendStatus(), everyMs)
    this.#timer.unref()
  }

  /**
   * Opens the stream of the slot after `start`.
   * @throws the server's error: a slot in use (55006), gone (42704), or too far behind
   */
  static async open(
    config: PostgresConfig,
    start: number,
    version: number,
    handler: StreamHandler,
  ): Promise<ReplicationStream> {
    const connection = await Connection.open(config, 'Debezium Streaming', true)
    try {
      const socket = new CopySocket(connection.socket, {
        maxWaitingBytes: config['max.queue.size.in.bytes'] || DEFAULT_WAITING_BYTES,
      })
      await socket.begin(startStatement(config, start, version))
      return new ReplicationStream(connection, socket, handler, start, config['status.update.interval.ms'])
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  /**
   * Reads one frame, if one is here.
   * @returns its size in bytes, 0 when there is none
   * @throws the server's error, or the connection's
   */
  read(): number {
    const frame = this.#socket.next()
    if (frame === null) {
      if (this.#socket.ended) throw new Error('The server closed the connection: it ended the stream')
      return 0
    }
    const { bytes, start, end } = frame
    switch (bytes[start]) {
      case XLOG_DATA: {
        const lsn = readLsn(bytes, start + 1)
        if (lsn > this.#received) this.#received = lsn
        this.#handler.at(lsn)
        this.#reader.read(bytes, start + XLOG_HEADER, end)
        break
      }
      case KEEPALIVE: {
        const lsn = readLsn(bytes, start + 1)
        if (lsn > this.#received) this.#received = lsn
        this.#handler.reached(lsn)
        if (bytes[start + 17] === 1) this.sendStatus()
        break
      }
    }
    return end - start
  }

  /** Waits for a frame, at most `ms`. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return this.#socket.wait(ms, signal)
  }

  /** Tells the server what is received and what is done. */
  sendStatus(): void {
    const status = Buffer.allocUnsafe(STATUS_SIZE)
    const flushed = this.#handler.flushLsn
    status[0] = 0x72
    writeLsn(status, 1, Math.max(this.#received, flushed))
    writeLsn(status, 9, flushed)
    writeLsn(status, 17, flushed)
    status.writeBigInt64BE(BigInt(Date.now() * 1000 - POSTGRES_EPOCH_US), 25)
    status[33] = 0
    this.#socket.send(status)
  }

  get waitingBytes(): number {
    return this.#socket.waitingBytes
  }

  /** Confirms once more, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.sendStatus()
    this.#socket.sendDone()
    await this.#drained()
    this.#connection.destroy()
  }
  destroy(): void {
    clearInterval(this.#timer)
    this.#connection.destroy()
  }

  /** The server has read all that was sent when it ends the stream; a second is enough for one that is there. */
  async #drained(): Promise<void> {
    const until = Date.now() + 1_000
    try {
      while (!this.#socket.ended && Date.now() < until) {
        if (this.#socket.next() === null) await this.#socket.wait(until - Date.now())
      }
    } catch {
      // The connection is gone already.
    }
  }
}

/** Handles messages and positions. */
export interface StreamHandler extends PgOutputHandler {
  /** The next message begins here. */
  at(lsn: number): void
  /** The server has sent all up to here. */
  reached(lsn: number): void
  /** What may be confirmed. */
  readonly flushLsn: number
}

function startStatement(config: PostgresConfig, start: number, version: number): string {
  const params = new Map([
    ['proto_version', '1'],
    ['publication_names', config['publication.name']],
  ])
  if (version >= MESSAGES_SINCE) params.set('messages', 'true')
  for (const one of (config['slot.stream.params'] ?? '').split(';')) {
    const at = one.indexOf('=')
    if (at > 0) params.set(one.slice(0, at).trim(), one.slice(at + 1).trim())
  }
  const options = [...params].map(([name, value]) => `${quoted(name)} '${value.replaceAll("'", "''")}'`)
  return `START_REPLICATION SLOT ${quoted(config['slot.name'])} LOGICAL ${lsnToString(start)} (${options.join(', ')})`
}
