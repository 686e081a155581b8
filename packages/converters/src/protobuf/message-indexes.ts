// Which message of a file a record is: its index in the file, then in the message around it, before the value or in the header.
// Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
import { DataException } from '@millrace/api'
import type { LinkedFile, LinkedMessage } from '@millrace/schemas/protobuf'

/** The frame's part for the first message of a file, which is that of most. */
const FIRST = Buffer.from([0])
/** Nobody nests messages deeper; a frame that says so is no frame. */
const MOST = 100

/** What stands between the frame of the schema's id and the message. */
export function writeIndexes(indexes: readonly number[]): Buffer {
  if (indexes.length === 1 && indexes[0] === 0) return FIRST
  const bytes: number[] = []
  for (const value of [indexes.length, ...indexes]) {
    let rest = (value << 1) >>> 0
    for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
    bytes.push(rest)
  }
  return Buffer.from(bytes)
}

/** Reads indexes; `at` is where the message begins. @throws DataException */
export function readIndexes(buffer: Buffer, start: number, end: number): { indexes: number[]; at: number } {
  let at = start
  const next = (): number => {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) throw new DataException('The bytes end within the indexes of a Protobuf message')
      const byte = buffer[at++] as number
      value |= (byte & 127) << shift
      if (byte < 128) return (value >>> 1) ^ -(value & 1)
    }
    throw new DataException('An index of a Protobuf message is longer than five bytes')
  }
  const count = next()
  if (count === 0) return { indexes: [0], at }
  if (count < 0 || count > MOST) throw new DataException(`The indexes of a Protobuf message are said to be ${count}`)
  return { indexes: Array.from({ length: count }, next), at }
}

/** The message of a file that indexes name. @throws DataException when there is none */
export function messageAt(file: LinkedFile, indexes: readonly number[]): LinkedMessage {
  let messages = file.messages
  let found: LinkedMessage | undefined
  for (const index of indexes) {
    found = messages[index]
    if (found === undefined) {
      throw new DataException(`The schema has no message of the indexes [${indexes.join(', ')}] that the record names`)
    }
    messages = found.messages
  }
  return found as LinkedMessage
}
