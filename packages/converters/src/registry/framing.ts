// The frame around bytes that tells their schema.
//
//   prefix: 0x00, int32 id | 0x01, 16 bytes GUID; then, with Protobuf, the message's indexes; then the value
//   header: __key_schema_id or __value_schema_id = 0x01, 16 bytes GUID [, indexes]; the value stands alone
//
// Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html (wire format)
import { DataException } from '@millrace/api'

export const MAGIC_ID = 0
export const MAGIC_GUID = 1
/** Length of a frame with an id. */
export const ID_FRAME = 5
/** Length of a frame with a GUID. */
export const GUID_FRAME = 17

/** The header that holds the schema's GUID. */
export function schemaIdHeader(isKey: boolean): string {
  return isKey ? '__key_schema_id' : '__value_schema_id'
}

/** The frame of an id. */
export function idFrame(id: number): Buffer {
  const frame = Buffer.alloc(ID_FRAME)
  frame.writeInt32BE(id, 1)
  return frame
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The frame of a GUID in its text form. @throws DataException for what is no GUID */
export function guidFrame(guid: string): Buffer {
  if (!GUID.test(guid)) throw new DataException(`Not a schema GUID: ${guid}`)
  return Buffer.from(`01${guid.replaceAll('-', '')}`, 'hex')
}

/** The id of a frame that begins with {@link MAGIC_ID}. */
export function readId(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + 1)
}

/** The GUID of a frame that begins with {@link MAGIC_GUID}, in its text form. */
export function readGuid(buffer: Buffer, at: number): string {
  const hex = buffer.toString('hex', at + 1, at + GUID_FRAME)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * Length of the frame at the start of a slice: {@link ID_FRAME} or {@link GUID_FRAME}.
 * @throws DataException when there is none
 */
export function frameLength(buffer: Buffer, start: number, end: number): number {
  const length = end > start ? (LENGTHS[buffer[start] as number] ?? 0) : 0
  if (length > 0 && end - start >= length) return length
  const seen = end > start ? `their first byte is ${buffer[start]}` : 'they are empty'
  throw new DataException(
    length > 0
      ? `The bytes end within the frame of a schema id: ${end - start} of at least ${length} bytes`
      : `Unknown magic byte! The bytes have no frame of a schema registry: ${seen}, expected 0 (id) or 1 (GUID)`,
  )
}

const LENGTHS: readonly number[] = [ID_FRAME, GUID_FRAME]
