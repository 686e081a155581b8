// Short ways for tests: from a .proto text to readers and writers, with options by their keys.
import type { RawConfig, Schema, Value, ValueSlot } from '@millrace/api'
import { type LinkedMessage, linkProto, readProto } from '@millrace/schemas/protobuf'
import { protobufReader, protobufWriter, type SliceReader } from '../codec.ts'
import { PROTOBUF_DATA_CONFIG, type ProtobufOptions, protobufOptions } from '../config.ts'
import { ProtobufOut } from '../protobuf-out.ts'

export function optionsOf(configs: RawConfig = {}): ProtobufOptions {
  return protobufOptions(PROTOBUF_DATA_CONFIG.parse(configs))
}

/** A message of a text; by default its first. */
export function messageOf(text: string, name?: string): LinkedMessage {
  const file = linkProto(readProto(text))
  const found = name === undefined ? file.messages[0] : file.byName.get(name)
  if (found?.kind !== 'message') throw new Error(`no message ${name} in ${text}`)
  return found
}

const readers = new WeakMap<LinkedMessage, Map<string, SliceReader>>()
function readerOf(message: LinkedMessage, configs: RawConfig): SliceReader {
  const known = readers.get(message) ?? new Map<string, SliceReader>()
  readers.set(message, known)
  const key = JSON.stringify(configs)
  const reader = known.get(key) ?? protobufReader(message, null, optionsOf(configs))
  known.set(key, reader)
  return reader
}

export function read(
  message: LinkedMessage,
  bytes: Uint8Array,
  configs: RawConfig = {},
): { schema: Schema; value: Value } {
  const into: ValueSlot = { schema: null, value: null }
  // In the middle of a larger buffer, as the bytes of a batch stand.
  const around = Buffer.concat([Buffer.from([255, 1, 2]), bytes, Buffer.from([8, 8, 8, 8])])
  readerOf(message, configs)(around, 3, 3 + bytes.length, into)
  return into as { schema: Schema; value: Value }
}

export function write(schema: Schema, message: LinkedMessage, value: Value, configs: RawConfig = {}): Buffer {
  const out = new ProtobufOut()
  protobufWriter(schema, message, out, optionsOf(configs))(value)
  return out.copy()
}
