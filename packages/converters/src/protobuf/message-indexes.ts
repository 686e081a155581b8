// Which message of a file a record is: its index in the file, then in the message around it, before the value or in the header.
// Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
import { DataException } from '@millrace/api'
import {
  type ParsedProto,
  type ProtoFile,
  type ProtoMessage,
  type ProtoType,
  readProto,
  wellKnownFile,
} from '@millrace/schemas/protobuf'

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

/**
 * Full name of the message that indexes name. What stands behind maps counts where the text declares it: clients that know only
 * descriptors write and count it.
 * @throws DataException when there is none
 */
export function nameAt({ packageName, types }: ProtoFile, indexes: readonly number[]): string {
  let name = packageName
  let around = types
  for (const index of indexes) {
    const found = messagesOf(around)[index]
    if (found === undefined) {
      throw new DataException(`The schema has no message of the indexes [${indexes.join(', ')}] that the record names`)
    }
    name = name === '' ? found.name : `${name}.${found.name}`
    around = found.types
  }
  return name
}

/** The indexes of a message by its full name; null when the file does not declare it. */
export function indexesOf({ packageName, types }: ProtoFile, fullName: string): readonly number[] | null {
  if (packageName !== '' && !fullName.startsWith(`${packageName}.`)) return null
  const indexes: number[] = []
  let around = types
  for (const part of (packageName === '' ? fullName : fullName.slice(packageName.length + 1)).split('.')) {
    const messages = messagesOf(around)
    const index = messages.findIndex(({ name }) => name === part)
    if (index < 0) return null
    indexes.push(index)
    around = (messages[index] as ProtoMessage).types
  }
  return indexes
}

function messagesOf(types: readonly ProtoType[]): readonly ProtoMessage[] {
  return types.filter((type) => type.kind === 'message')
}

/** The file whose messages a schema offers: its own, or, when it only imports one other publicly, those of that one. */
export function offeredFile(schema: ParsedProto): ProtoFile {
  const { file } = schema
  const [only, ...more] = file.imports
  const isEmpty = file.types.length === 0 && file.services.length === 0 && file.extensions.length === 0
  if (!isEmpty || only?.kind !== 'public' || more.length > 0) return file
  const text = schema.references.get(only.path)
  return (text === undefined ? wellKnownFile(only.path) : readProto(text)) ?? file
}
