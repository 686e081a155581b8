// Walks the records inside a decompressed batch body where they lie: what the cleaner, timestamp searches and key checks read.
// Record: varint length | int8 attributes | varlong timestamp delta | varint offset delta | varint key length, key |
// varint value length, value | headers. (Kafka protocol documentation, "Record".)

import { ErrorCode } from '@millrace/kafka/protocol'
import { BrokerError } from '../errors.ts'

/** The record the walk stands on. One object for the whole walk; -1 as start means null. */
export interface WalkedRecord {
  /** First byte of the record, its length prefix included. */
  start: number
  end: number
  timestampDelta: number
  offsetDelta: number
  /** First byte after the timestamp delta: from here to `end` the record does not depend on the batch's base timestamp. */
  afterTimestamp: number
  keyStart: number
  keyEnd: number
  valueStart: number
  valueEnd: number
}

/**
 * Calls `visit` for each of the `count` records of `body`.
 * @throws BrokerError CORRUPT_MESSAGE when the bytes do not hold them
 */
export function walkRecords(body: Buffer, count: number, visit: (record: WalkedRecord) => void): void {
  const record: WalkedRecord = {
    start: 0,
    end: 0,
    timestampDelta: 0,
    offsetDelta: 0,
    afterTimestamp: 0,
    keyStart: -1,
    keyEnd: -1,
    valueStart: -1,
    valueEnd: -1,
  }
  let at = 0
  /** Zig-zag varint of up to 64 bits; values beyond 2^53 do not occur in valid batches. */
  const varint = (): number => {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = body[at++]
      if (byte === undefined) throw corrupt()
      if (shift < 28) low |= (byte & 0x7f) << shift
      else high += (byte & 0x7f) * 2 ** (shift - 28)
      if (byte < 0x80) {
        const raw = low + high * 268435456
        return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
      }
    }
    throw corrupt()
  }
  for (let i = 0; i < count; i++) {
    record.start = at
    const length = varint()
    const end = at + length
    if (length < 0 || end > body.length) throw corrupt()
    at++
    record.timestampDelta = varint()
    record.afterTimestamp = at
    record.offsetDelta = varint()
    const keyLength = varint()
    record.keyStart = keyLength < 0 ? -1 : at
    if (keyLength > 0) at += keyLength
    record.keyEnd = keyLength < 0 ? -1 : at
    const valueLength = varint()
    record.valueStart = valueLength < 0 ? -1 : at
    if (valueLength > 0) at += valueLength
    record.valueEnd = valueLength < 0 ? -1 : at
    if (at > end) throw corrupt()
    record.end = end
    at = end
    visit(record)
  }
}

/** Appends `value` as a zig-zag varint to `target` at `at`; returns the position after it. */
export function writeVarint(target: Buffer, at: number, value: number): number {
  let raw = value < 0 ? -value * 2 - 1 : value * 2
  while (raw >= 0x80) {
    target[at++] = (raw % 128) | 0x80
    raw = Math.floor(raw / 128)
  }
  target[at++] = raw
  return at
}

function corrupt(): BrokerError {
  return new BrokerError(ErrorCode.CORRUPT_MESSAGE, 'the records of the batch do not fit its length')
}
