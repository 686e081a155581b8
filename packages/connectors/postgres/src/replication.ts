// The stream of a slot: opened, read frame by frame, confirmed to the server. https://www.postgresql.org/docs/current/protocol-replication.html
import { ConnectException, type Logger } from '@millrace/api'
import type { PostgresConfig } from './config.ts'
import { Connection, quoted } from './connection.ts'
import { CopySocket } from './protocol/copy-socket.ts'
import { lsnToString, POSTGRES_EPOCH_US, readLsn, writeLsn } from './protocol/lsn.ts'
import { PgOutputReader } from './protocol/pgoutput.ts'
import { Spool, type SpoolHandler } from './spool.ts'

const MESSAGES_SINCE = 140_000
const DEFAULT_WAITING_BYTES = 4 * 1024 * 1024
const STREAMING_PROTOCOL = '2'
const PARALLEL_PROTOCOL = '4'
const XLOG_DATA = 0x77
const KEEPALIVE = 0x6b
const XLOG_HEADER = 25
const STATUS_SIZE = 34

/** A stream that is open. */
export class ReplicationStream {
  readonly #connection: Connection
  readonly #socket: CopySocket
  readonly #reader: PgOutputReader
  readonly #spool: Spool
  readonly #timer: NodeJS.Timeout
  readonly #handler: StreamHandler
  #received: number

  private constructor(
    connection: Connection,
    socket: CopySocket,
    handler: StreamHandler,
    start: number,
    everyMs: number,
    log: Logger,
  ) {
    this.#connection = connection
    this.#socket = socket
    this.#handler = handler
    this.#reader = new PgOutputReader(handler)
    this.#spool = new Spool(handler, this.#reader, log)
    this.#received = start
    this.#timer = setInterval(() => this.sendStatus(), everyMs)
    this.#timer.unref()
  }

  /**
   * Opens the stream of the slot after `start`.
   * @param check looks at the server first, on the connection that the stream is to come by
   * @throws the server's error: a slot in use (55006), gone (42704), or too far behind
   */
  static async open(
    config: PostgresConfig,
    start: number,
    version: number,
    handler: StreamHandler,
    log: Logger,
    check: (replication: Connection) => Promise<void>,
  ): Promise<ReplicationStream> {
    const statement = startStatement(config, start, version)
    const connection = await Connection.open(config, 'Debezium Streaming', true)
    try {
      await check(connection)
      const socket = new CopySocket(connection.socket, {
        maxWaitingBytes: config['max.queue.size.in.bytes'] || DEFAULT_WAITING_BYTES,
      })
      await socket.begin(statement)
      return new ReplicationStream(connection, socket, handler, start, config['status.update.interval.ms'], log)
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  /**
   * Reads one frame, if one is here; after it {@link isUnsettled} may be true.
   * @returns its size in bytes, 0 when there is none
   * @throws the server's error, or the connection's
   */
  read(): number {
    if (this.#spool.isReplaying) return this.#spool.replay()
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
        if (this.#spool.take(bytes, start + XLOG_HEADER, end, lsn)) break
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

  /** Whether {@link settle} has to be awaited before the next {@link read}. */
  get isUnsettled(): boolean {
    return this.#spool.isUnsettled
  }
  /** Writes or reads what a transaction in progress keeps in files. @throws ConnectException when that fails */
  settle(): Promise<void> {
    return this.#spool.settle()
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
    this.destroy()
  }
  destroy(): void {
    clearInterval(this.#timer)
    this.#spool.close()
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
export interface StreamHandler extends SpoolHandler {
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
  for (const [name, value] of streamParams(config['slot.stream.params'])) params.set(name, value)
  const options = [...params].map(([name, value]) => `${quoted(name)} '${value.replaceAll("'", "''")}'`)
  return `START_REPLICATION SLOT ${quoted(config['slot.name'])} LOGICAL ${lsnToString(start)} (${options.join(', ')})`
}

/**
 * Reads `slot.stream.params`. With `streaming` and no `proto_version` the one that has it is asked for.
 * @throws ConnectException for options with which changes could not be told right
 */
export function streamParams(text: string | null): Map<string, string> {
  const params = new Map<string, string>()
  for (const one of (text ?? '').split(';')) {
    const at = one.indexOf('=')
    if (at > 0) params.set(one.slice(0, at).trim().toLowerCase(), one.slice(at + 1).trim())
  }
  if (isOn(params.get('two_phase'))) {
    throw new ConnectException(
      "'slot.stream.params' asks for two_phase: changes would come before they are committed",
      {
        action: "Remove 'two_phase': a prepared transaction then comes whole when it is committed.",
      },
    )
  }
  if (isOn(params.get('binary'))) {
    throw new ConnectException("'slot.stream.params' asks for binary: values are read as text", {
      action: "Remove 'binary'.",
    })
  }
  const streaming = params.get('streaming')
  if (isOn(streaming) && !params.has('proto_version')) {
    params.set('proto_version', streaming?.toLowerCase() === 'parallel' ? PARALLEL_PROTOCOL : STREAMING_PROTOCOL)
  }
  return params
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(off|false|no|0|f|n)$/i.test(value)
}
