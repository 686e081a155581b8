// Offset files of the JVM reference: a HashMap<byte[], byte[]> written by Java object serialization. Read once, to move over.
import { ConnectException } from '@millrace/api'
import type { OffsetChange } from './offset-file.ts'
import { isOffsetMap, parseExact } from './offset-json.ts'

const MAGIC = 0xaced
const TC = {
  NULL: 0x70,
  REFERENCE: 0x71,
  CLASS_DESC: 0x72,
  OBJECT: 0x73,
  ARRAY: 0x75,
  BLOCK_DATA: 0x77,
  END_BLOCK_DATA: 0x78,
} as const

/** True for a file written by Java. */
export function isJavaOffsetFile(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt16BE(0) === MAGIC
}

/** Offsets of the file, one for each partition that has one. @throws ConnectException when it is not such a map */
export function readJavaOffsets(bytes: Buffer, path: string): OffsetChange[] {
  try {
    return new HashMapReader(bytes).entries().flatMap(([key, value]) => change(key, value))
  } catch (error) {
    throw new ConnectException(
      `The offset file ${path} was written by Java, but is no map of offsets that can be read.`,
      {
        cause: error,
        configKey: 'offset.storage.file.filename',
      },
    )
  }
}

/** Keys are JSON `["connector", {partition}]`, values JSON objects; a null value is a removed offset. */
function change(key: Buffer | null, value: Buffer | null): OffsetChange[] {
  if (key === null || value === null) return []
  const parsed = parseExact(key.toString('utf8'))
  const offset = parseExact(value.toString('utf8'))
  if (!Array.isArray(parsed) || parsed.length !== 2) return []
  const [connector, partition] = parsed as [unknown, unknown]
  return typeof connector === 'string' && isOffsetMap(partition) && isOffsetMap(offset)
    ? [{ connector, partition, offset }]
    : []
}

/** Reads the one shape that such files have. */
class HashMapReader {
  readonly #bytes: Buffer
  #at = 4

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  entries(): [Buffer | null, Buffer | null][] {
    this.#expect(TC.OBJECT)
    this.#classDescription('java.util.HashMap')
    this.#at += 8 // load factor, threshold
    this.#expect(TC.BLOCK_DATA)
    this.#at += 1 + 4 // length of the block, capacity
    const size = this.#int32()
    const entries: [Buffer | null, Buffer | null][] = []
    for (let i = 0; i < size; i++) entries.push([this.#byteArray(), this.#byteArray()])
    return entries
  }

  #byteArray(): Buffer | null {
    const tag = this.#byte()
    if (tag === TC.NULL) return null
    if (tag === TC.REFERENCE) throw new Error('repeated array')
    if (tag !== TC.ARRAY) throw new Error(`unexpected tag ${tag}`)
    if (this.#bytes[this.#at] === TC.REFERENCE) this.#at += 5
    else this.#classDescription('[B')
    const length = this.#int32()
    if (length < 0 || this.#at + length > this.#bytes.length) throw new Error('truncated')
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  #classDescription(expected: string): void {
    this.#expect(TC.CLASS_DESC)
    const name = this.#text()
    if (name !== expected) throw new Error(`unexpected class ${name}`)
    this.#at += 8 + 1 // serial version, flags
    const fields = this.#bytes.readUInt16BE(this.#at)
    this.#at += 2
    for (let i = 0; i < fields; i++) {
      this.#at += 1
      this.#text()
    }
    this.#expect(TC.END_BLOCK_DATA)
    this.#expect(TC.NULL)
  }

  #expect(tag: number): void {
    const found = this.#byte()
    if (found !== tag) throw new Error(`tag ${found} in place of ${tag} at byte ${this.#at - 1}`)
  }
  #byte(): number {
    return this.#bytes.readUInt8(this.#at++)
  }
  #int32(): number {
    const value = this.#bytes.readInt32BE(this.#at)
    this.#at += 4
    return value
  }
  #text(): string {
    const length = this.#bytes.readUInt16BE(this.#at)
    const text = this.#bytes.toString('latin1', this.#at + 2, this.#at + 2 + length)
    this.#at += 2 + length
    return text
  }
}
