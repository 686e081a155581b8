// Reads entries of a jar (a zip file), as much of that format as jars use: stored and deflated entries, no zip64.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

const END_SIGNATURE = 0x06054b50
const END_BYTES = 22
const MOST_COMMENT = 65_535
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const DEFLATED = 8

/** The texts of all entries whose name `wanted` takes, by name. */
export function readJar(file: string, wanted: (name: string) => boolean): ReadonlyMap<string, string> {
  const handle = openSync(file, 'r')
  try {
    const read = (at: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length)
      readSync(handle, bytes, 0, length, at)
      return bytes
    }
    const { size } = fstatSync(handle)
    const tail = read(Math.max(0, size - END_BYTES - MOST_COMMENT), Math.min(size, END_BYTES + MOST_COMMENT))
    const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
    if (end < 0 || tail.readUInt32LE(end) !== END_SIGNATURE) throw new Error(`${file} is not a jar`)
    const directory = read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
    const texts = new Map<string, string>()
    for (let at = 0; at < directory.length; ) {
      const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => directory.readUInt16LE(at + place))
      const name = directory.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + (nameLength as number))
      if (wanted(name)) {
        const local = directory.readUInt32LE(at + 42)
        const head = read(local, LOCAL_BYTES)
        const start = local + LOCAL_BYTES + head.readUInt16LE(26) + head.readUInt16LE(28)
        const bytes = read(start, directory.readUInt32LE(at + 20))
        const deflated = directory.readUInt16LE(at + 10) === DEFLATED
        texts.set(name, (deflated ? inflateRawSync(bytes) : bytes).toString('utf8'))
      }
      at += ENTRY_BYTES + (nameLength as number) + (extraLength as number) + (commentLength as number)
    }
    return texts
  } finally {
    closeSync(handle)
  }
}
