// The bytes of descriptors: google/protobuf/descriptor.proto read and written by what that file itself says, with the
// extensions that Confluent defines. Enumerations go by their names; what is not known is left out.
// Source: https://protobuf.dev/programming-guides/encoding/
import { linkProto } from '../link.ts'
import type { LinkedEnum, LinkedField, LinkedFile, LinkedMessage, ProtoFile } from '../model.ts'
import { wellKnownFile } from '../well-known/index.ts'
import { WireReader, WireWriter } from './wire.ts'

export type DescriptorValue = string | number | boolean | Descriptor

/** A message by the names of its fields; what is not set is not there. Repeated fields are lists, maps lists of key and value. */
export interface Descriptor {
  readonly [field: string]: DescriptorValue | readonly DescriptorValue[] | undefined
}

/** The number of Confluent's extension in all options that have it. */
const META_NUMBER = 1088
const META = '(confluent.meta)'
const WITH_META = ['File', 'Message', 'Field', 'Enum', 'EnumValue'].map((name) => `google.protobuf.${name}Options`)
const MOST_NESTED = 64

/** A field as the codec sees it. */
interface Slot {
  readonly name: string
  readonly number: number
  readonly repeated: boolean
  /** Whether a value that equals zero is written. */
  readonly always: boolean
  readonly type: 'string' | 'bool' | 'integer' | LinkedEnum | Shape
}

/** A message's fields by number. */
interface Shape {
  readonly kind: 'message'
  readonly byNumber: ReadonlyMap<number, Slot>
}

let shapes: { readonly file: Shape; readonly messages: ReadonlyMap<string, LinkedMessage> } | undefined

function known(): NonNullable<typeof shapes> {
  if (shapes !== undefined) return shapes
  const linked = linkProto(wellKnownFile('confluent/meta.proto') as ProtoFile)
  const messages = messagesOf(linked)
  const made = new Map<string, Shape>()
  shapes = { file: shapeOf(messages.get('google.protobuf.FileDescriptorProto'), messages, made), messages }
  return shapes
}

function messagesOf({ byName }: LinkedFile): ReadonlyMap<string, LinkedMessage> {
  return new Map([...byName].flatMap(([name, type]) => (type.kind === 'message' ? [[name, type] as const] : [])))
}

function shapeOf(
  message: LinkedMessage | undefined,
  messages: ReadonlyMap<string, LinkedMessage>,
  made: Map<string, Shape>,
): Shape {
  const { fullName, fields } = message as LinkedMessage
  const before = made.get(fullName)
  if (before !== undefined) return before
  const byNumber = new Map<number, Slot>()
  const shape: Shape = { kind: 'message', byNumber }
  made.set(fullName, shape)
  for (const field of fields) {
    const slot = slotOf(field, messages, made)
    if (slot !== undefined) byNumber.set(field.number, slot)
  }
  if (WITH_META.includes(fullName)) {
    const type = shapeOf(messages.get('confluent.Meta'), messages, made)
    byNumber.set(META_NUMBER, { name: META, number: META_NUMBER, repeated: false, always: true, type })
  }
  return shape
}

function slotOf(
  field: LinkedField,
  messages: ReadonlyMap<string, LinkedMessage>,
  made: Map<string, Shape>,
): Slot | undefined {
  const { name, number, type, mapKey, hasPresence, repeated } = field
  const base = { name, number, repeated: repeated || mapKey !== null, always: hasPresence || repeated }
  if (mapKey !== null) {
    const entry = (key: string, at: number): [number, Slot] => [
      at,
      { name: key, number: at, repeated: false, always: true, type: 'string' },
    ]
    return { ...base, type: { kind: 'message', byNumber: new Map([entry('key', 1), entry('value', 2)]) } }
  }
  if (type.kind === 'enum') return { ...base, type: type.type }
  if (type.kind === 'message') return { ...base, type: shapeOf(type.type, messages, made) }
  if (type.scalar === 'string' || type.scalar === 'bool') return { ...base, type: type.scalar }
  // Numbers of other kinds stand in options that no compiler has understood; those are not kept.
  return type.scalar === 'int32' ? { ...base, type: 'integer' } : undefined
}

/**
 * Reads a serialized `FileDescriptorProto`.
 * @throws Error when the bytes are none
 */
export function readFileDescriptor(bytes: Buffer): Descriptor {
  return readMessage(known().file, new WireReader(bytes), 0)
}

/** Writes a serialized `FileDescriptorProto`, fields in the order of their numbers. */
export function writeFileDescriptor(file: Descriptor): Buffer {
  return writeMessage(known().file, file)
}

/** The message in `confluent.field_meta` and the like. */
export const DESCRIPTOR_META = META

/** The fields of a message of descriptor.proto, by its name without package. */
export function descriptorMessage(name: string): LinkedMessage {
  return known().messages.get(`google.protobuf.${name}`) as LinkedMessage
}

function readMessage(shape: Shape, reader: WireReader, depth: number): Descriptor {
  if (depth > MOST_NESTED) throw new Error(`Messages are nested deeper than ${MOST_NESTED}`)
  const values: Record<string, DescriptorValue | DescriptorValue[]> = {}
  while (!reader.atEnd) {
    const { number, wireType } = reader.tag()
    const slot = shape.byNumber.get(number)
    if (slot === undefined) reader.skip(wireType)
    else if (wireType === 2 && typeof slot.type !== 'string' && slot.type.kind === 'message') {
      add(values, slot, readMessage(slot.type, reader.nested(), depth + 1))
    } else if (wireType === 2 && slot.type === 'string') add(values, slot, reader.text())
    else if (wireType === 2 && slot.repeated && slot.type !== 'string') {
      for (const run = reader.nested(); !run.atEnd; ) add(values, slot, readNumber(slot, run))
    } else if (wireType === 0) add(values, slot, readNumber(slot, reader))
    else throw new Error(`The field ${slot.name} has the wire type ${wireType}`)
  }
  return values
}

function readNumber({ type }: Slot, reader: WireReader): DescriptorValue | undefined {
  const value = reader.integer()
  if (type === 'bool') return value !== 0
  if (type === 'integer') return value
  if (typeof type === 'string' || type.kind === 'message') throw new Error('A text or message is written as a number')
  return type.declared.values.find(({ number }) => number === value)?.name
}

function add(
  values: Record<string, DescriptorValue | DescriptorValue[]>,
  { name, repeated, type }: Slot,
  value: DescriptorValue | undefined,
): void {
  if (value === undefined) return
  const before = values[name]
  if (repeated && Array.isArray(before)) before.push(value)
  else if (repeated) values[name] = [value]
  // A message that comes in parts is put together.
  else if (typeof type !== 'string' && type.kind === 'message' && before !== undefined) {
    values[name] = { ...(before as Descriptor), ...(value as Descriptor) }
  } else values[name] = value
}

function writeMessage(shape: Shape, message: Descriptor): Buffer {
  const writer = new WireWriter()
  const slots = [...shape.byNumber.values()].sort((a, b) => a.number - b.number)
  for (const slot of slots) {
    const value = message[slot.name]
    if (value === undefined) continue
    for (const one of slot.repeated ? (value as readonly DescriptorValue[]) : [value as DescriptorValue]) {
      if (slot.always || (one !== '' && one !== 0 && one !== false)) writeValue(writer, slot, one)
    }
  }
  return writer.bytes()
}

function writeValue(writer: WireWriter, { number, type }: Slot, value: DescriptorValue): void {
  if (type === 'string') writer.bytesField(number, Buffer.from(String(value)))
  else if (type === 'bool' || type === 'integer') writer.integerField(number, Number(value))
  else if (type.kind === 'message') writer.bytesField(number, writeMessage(type, value as Descriptor))
  else {
    const found = type.declared.values.find(({ name }) => name === value)
    if (found !== undefined) writer.integerField(number, found.number)
  }
}
