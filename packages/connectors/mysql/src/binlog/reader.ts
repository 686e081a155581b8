// The binlog as a sequence of events: checked, without checksums, with compressed transactions unpacked, each with its place.
import { crc32 } from 'node:zlib'
import { unpackPayload } from './compression.ts'
import { type EventHeader, EventType, FLAG_ARTIFICIAL, HEADER_LENGTH, readHeader } from './event-type.ts'
import { readFormatDescription, readRotate } from './events.ts'
import { type BinlogConnection, type BinlogOptions, ERROR, openBinlog, readError } from './server-connection.ts'

/** One event, and where it stands. */
export interface BinlogEvent {
  readonly header: EventHeader
  /** What follows the header, without checksum: a view of received bytes. */
  readonly body: Buffer
  readonly file: string
  /** First byte of the event in its file. For an event of a compressed transaction, of the event that holds it. */
  readonly position: number
  /** One past its last byte. */
  readonly nextPosition: number
  /** True for events of a compressed transaction. */
  readonly packed: boolean
}

const EOF = 0xfe
const EOF_MOST_LENGTH = 9
const CHECKSUM_LENGTH = 4
const WRAP = 2 ** 32

/** Reads events in order. It is asked for each one; what is not asked for is not received. */
export class BinlogReader {
  readonly #connection: BinlogConnection
  readonly isMariaDb: boolean
  #checksums: boolean
  #file = ''
  #position = 0
  /** Events of a compressed transaction that are still to come. */
  #unpacked: BinlogEvent[] = []
  #unpackedAt = 0
  /** Heartbeats and other things that stand in no file, since the connection was made. */
  heardAt = Date.now()

  private constructor(connection: BinlogConnection) {
    this.#connection = connection
    this.isMariaDb = connection.isMariaDb
    this.#checksums = connection.checksums
  }

  /** @throws an error of the driver when it cannot connect, BinlogServerError when the server refuses */
  static async open(options: BinlogOptions): Promise<BinlogReader> {
    const reader = new BinlogReader(await openBinlog(options))
    if (options.start.kind === 'position') {
      reader.#file = options.start.file
      reader.#position = options.start.position
    }
    return reader
  }

  /** File and position behind the last event given out. */
  get file(): string {
    return this.#file
  }
  get position(): number {
    return this.#position
  }

  /**
   * The next event that is there, or undefined: {@link wait}.
   * @throws BinlogServerError when the server ended the stream with an error, RangeError when an event's checksum is wrong
   */
  next(): BinlogEvent | undefined {
    for (;;) {
      if (this.#unpackedAt < this.#unpacked.length) return this.#unpacked[this.#unpackedAt++]
      const packet = this.#connection.packets.next()
      if (packet === undefined) return undefined
      this.heardAt = Date.now()
      const event = this.#event(packet)
      if (event.header.type !== EventType.TRANSACTION_PAYLOAD) return event
      this.#unpacked = [...unpacked(event)]
      this.#unpackedAt = 0
    }
  }

  /** Resolves when there may be an event, at the latest after `ms` or when `signal` aborts. @throws when the connection is gone */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return this.#connection.packets.wait(ms, signal)
  }

  close(): void {
    this.#connection.destroy()
  }

  #event(packet: Buffer): BinlogEvent {
    if (packet[0] === ERROR) throw readError(packet)
    if (packet[0] === EOF && packet.length < EOF_MOST_LENGTH) throw new Error('The server ended the binlog stream')
    const header = readHeader(packet, 1)
    const body = this.#checked(packet, header)
    const unplaced = header.nextPosition === 0
    const artificial =
      (header.flags & FLAG_ARTIFICIAL) !== 0 || (unplaced && header.type === EventType.FORMAT_DESCRIPTION)
    if (header.type === EventType.ROTATE) return this.#rotate(header, body)
    if (artificial || header.type === EventType.HEARTBEAT || header.type === EventType.HEARTBEAT_V2) {
      return this.#at(header, body, this.#position, this.#position)
    }
    // MariaDB from 11.4 on writes events of a transaction before it knows where they will stand.
    const next = unplaced ? this.#position + header.size : this.#wide(header.nextPosition)
    if (next > this.#position) this.#position = next
    return this.#at(header, body, next - header.size, next)
  }

  #rotate(header: EventHeader, body: Buffer): BinlogEvent {
    const { file, position } = readRotate(body)
    const event = this.#at(header, body, this.#position, this.#position)
    this.#file = file
    this.#position = position
    return event
  }

  #at(header: EventHeader, body: Buffer, position: number, nextPosition: number): BinlogEvent {
    return { header, body, file: this.#file, position, nextPosition, packed: false }
  }

  /**
   * Positions have four bytes, files may be longer: one that goes back far has passed another 4 GB. One that goes back a
   * little is of a file's first events, which a server sends ahead of whatever position was asked for.
   */
  #wide(position: number): number {
    const wide = Math.floor(this.#position / WRAP) * WRAP + position
    return this.#position - wide > WRAP / 2 ? wide + WRAP : wide
  }

  /** The event's body, its checksum compared and cut off. */
  #checked(packet: Buffer, header: EventHeader): Buffer {
    if (header.type === EventType.FORMAT_DESCRIPTION) {
      this.#checksums = readFormatDescription(packet.subarray(1 + HEADER_LENGTH)).checksums
    }
    const end = this.#checksums ? packet.length - CHECKSUM_LENGTH : packet.length
    if (this.#checksums) {
      const expected = packet.readUInt32LE(end)
      const actual = crc32(packet.subarray(1, end))
      // A server rewrites some artificial events after it summed them up, and leaves the sum zero.
      if (actual !== expected && header.nextPosition !== 0) {
        throw new RangeError(
          `The event of type ${header.type} before ${this.#file}:${header.nextPosition} has the checksum ${expected} where its bytes give ${actual}: it was damaged in the file or on its way`,
        )
      }
    }
    return packet.subarray(1 + HEADER_LENGTH, end)
  }
}

/** The events of a compressed transaction; they have no checksums, and stand where the whole stands. */
function* unpacked(outer: BinlogEvent): Generator<BinlogEvent> {
  const bytes = unpackPayload(outer.body)
  for (let at = 0; at < bytes.length; ) {
    const header = readHeader(bytes, at)
    const body = bytes.subarray(at + HEADER_LENGTH, at + header.size)
    yield { ...outer, header, body, packed: true }
    at += header.size
  }
}
