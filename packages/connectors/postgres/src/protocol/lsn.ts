// Positions in the write-ahead log. A number here: a log would need 8 petabytes to leave the safe integers.
import { ConnectException } from '@millrace/api'

const HIGH = 0x1_0000_0000
/** Invalid position, which the server never gives out. */
export const NO_LSN = 0

/**
 * Reads `16/B374D848`.
 * @throws ConnectException when the text is no position
 */
export function parseLsn(text: string): number {
  const [high, low, ...rest] = text.split('/')
  const lsn = Number.parseInt(high ?? '', 16) * HIGH + Number.parseInt(low ?? '', 16)
  if (!Number.isSafeInteger(lsn) || rest.length > 0) throw new ConnectException(`Not a position in the log: ${text}`)
  return lsn
}

/** Prints a position as the server does. */
export function lsnToString(lsn: number): string {
  const low = lsn % HIGH
  return `${((lsn - low) / HIGH).toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`
}

/** Reads eight bytes. */
export function readLsn(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * HIGH + bytes.readUInt32BE(at + 4)
}

/** Writes eight bytes. */
export function writeLsn(bytes: Buffer, at: number, lsn: number): void {
  const low = lsn % HIGH
  bytes.writeUInt32BE((lsn - low) / HIGH, at)
  bytes.writeUInt32BE(low, at + 4)
}

/** Microseconds from the Unix epoch to 2000-01-01, where the server counts from. */
export const POSTGRES_EPOCH_US = 946_684_800_000_000

/** Reads a timestamp of the protocol: microseconds since the Unix epoch. */
export function readTimeUs(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * HIGH + bytes.readUInt32BE(at + 4) + POSTGRES_EPOCH_US
}
