// Avro object container files of one value: what a record without a registry is.
//
//   "Obj" 0x01, metadata map (avro.schema, avro.codec), 16 bytes sync marker;
//   then blocks: long count, long size, values, sync marker
//
// Source: https://avro.apache.org/docs/1.12.0/specification/#object-container-files
import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { DataException, errorMessage } from '@millrace/api'
import { type AvroSchema, printAvro } from '@millrace/schemas/avro'
import { AvroIn } from './avro-in.ts'
import { AvroOut } from './avro-out.ts'

const MAGIC = Buffer.from('Obj\x01', 'latin1')
const SYNC_LENGTH = 16
/** A value that is larger after inflating is no record of Kafka. */
const MOST_INFLATED = 128 * 1024 * 1024

/** Everything before a value's block: the same for each value of a schema. */
export interface ContainerHead {
  readonly bytes: Buffer
  readonly sync: Buffer
}

/** The head for values of a schema. Its sync marker is made of the schema's text, so that equal values are equal bytes. */
export function containerHead(schema: AvroSchema): ContainerHead {
  const text = printAvro(schema)
  const sync = createHash('md5').update(text).digest()
  const out = new AvroOut()
  out.bytes(MAGIC)
  out.count(2)
  out.string('avro.codec')
  out.block(Buffer.from('null'))
  out.string('avro.schema')
  out.block(Buffer.from(text))
  out.u8(0)
  out.bytes(sync)
  return { bytes: out.copy(), sync }
}

/** What a container's head says. */
export interface ReadHead {
  /** The head's bytes: other containers that begin so have the same head. */
  readonly bytes: Buffer
  readonly schemaText: string
  readonly codec: string
}

/** Reads the head of a container. @throws DataException when the bytes are none */
export function readHead(buffer: Buffer, start: number, end: number): ReadHead {
  if (end - start < MAGIC.length || buffer.compare(MAGIC, 0, MAGIC.length, start, start + MAGIC.length) !== 0) {
    throw new DataException('The bytes are no Avro object container: they do not begin with "Obj" and 1')
  }
  const input = new AvroIn()
  input.open(buffer, start + MAGIC.length, end)
  const metadata = new Map<string, Buffer>()
  for (let count = input.items(false, 0); count > 0; count = input.items(false, 0)) {
    for (let left = count; left > 0; left--) {
      const key = input.string()
      metadata.set(key, input.block())
    }
  }
  input.skip(SYNC_LENGTH)
  const schema = metadata.get('avro.schema')
  if (schema === undefined) throw new DataException('The Avro object container has no avro.schema in its metadata')
  return {
    bytes: Buffer.from(buffer.subarray(start, input.at)),
    schemaText: schema.toString(),
    codec: metadata.get('avro.codec')?.toString() ?? 'null',
  }
}

/** The one value of a container. */
export interface ValueSlice {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

const BLOCK = new AvroIn()

/** Where the value lies behind a head. @throws DataException when there is none, or more than one */
export function valueSlice(buffer: Buffer, start: number, end: number, codec: string): ValueSlice {
  BLOCK.open(buffer, start, end)
  const count = BLOCK.long()
  const size = BLOCK.long()
  if (count !== 1) {
    throw new DataException(
      `The Avro object container has ${count} values in a block, and a record of Kafka is one value`,
    )
  }
  if (typeof size !== 'number' || size < 0 || size > end - BLOCK.at - SYNC_LENGTH) {
    throw new DataException(`The block of the Avro object container has ${size} bytes, and ${end - BLOCK.at} are left`)
  }
  const at = BLOCK.at
  if (at + size + SYNC_LENGTH < end) {
    throw new DataException('The Avro object container has more than one block, and a record of Kafka is one value')
  }
  if (codec === 'null') return { buffer, start: at, end: at + size }
  const inflated = inflate(buffer.subarray(at, at + size), codec)
  return { buffer: inflated, start: 0, end: inflated.length }
}

function inflate(bytes: Buffer, codec: string): Buffer {
  if (codec !== 'deflate') {
    throw new DataException(`The Avro object container has the codec ${codec}; null and deflate are read`)
  }
  try {
    return inflateRawSync(bytes, { maxOutputLength: MOST_INFLATED })
  } catch (cause) {
    throw new DataException(`The block of the Avro object container cannot be inflated: ${errorMessage(cause)}`, {
      cause,
    })
  }
}
