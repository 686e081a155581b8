// Record headers: a varint count, then for each a name and a value. Names are UTF-8, values bytes or null.
import { MalformedRecord } from './errors.ts'
import { VarintCursor, varintSize, writeVarint } from './varint.ts'

/** One header of a record. */
export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

const NONE: readonly RecordHeader[] = Object.freeze([])

/** The `count` headers that begin at `start`; values are views. */
export function readHeaders(buffer: Buffer, start: number, end: number, count: number): readonly RecordHeader[] {
  if (count === 0) return NONE
  const cursor = new VarintCursor(buffer, start, end)
  const headers: RecordHeader[] = []
  for (let i = 0; i < count; i++) {
    const keySize = cursor.varint()
    const keyAt = cursor.at
    if (keySize < 0 || keySize > end - keyAt) throw new MalformedRecord(`header ${i} has a name of ${keySize} bytes`)
    cursor.at += keySize
    const size = cursor.varint()
    const at = cursor.at
    if (size > end - at) throw new MalformedRecord(`header ${i} has a value of ${size} bytes`)
    if (size > 0) cursor.at += size
    headers.push({
      key: buffer.toString('utf8', keyAt, keyAt + keySize),
      value: size < 0 ? null : buffer.subarray(at, at + size),
    })
  }
  return headers
}

/** Headers as they stand in a record, without their count. */
export function encodeHeaders(headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]): Buffer {
  const parts = headers.flatMap(({ key, value }) => {
    const name = Buffer.from(key.toWellFormed())
    return [prefix(name.length), name, prefix(value?.length ?? -1), value ?? NOTHING]
  })
  return Buffer.concat(parts)
}

const NOTHING = Buffer.alloc(0)

function prefix(length: number): Buffer {
  const varint = Buffer.alloc(varintSize(length))
  writeVarint(varint, 0, length)
  return varint
}
