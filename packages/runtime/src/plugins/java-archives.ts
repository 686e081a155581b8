// What is said of a Java plugin on `plugin.path`: it cannot run here, and which plugin of ours goes by its class names.
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { inflateRawSync } from 'node:zlib'

const SERVICES = 'META-INF/services/org.apache.kafka.'
/** The end record of an archive stands within so many last bytes. */
const END_BYTES = 65_557
const END_MAGIC = 0x06054b50
const ENTRY_MAGIC = 0x02014b50
/** A list of classes is short; what claims to be larger is not read. */
const LARGEST_LIST = 1024 * 1024

/** One plugin of Java: a folder of archives, or an archive by itself. */
export interface JavaPlugin {
  readonly path: string
  /** Classes that it registers as plugins, as far as its archives could be read. */
  readonly classes: readonly string[]
}

/** Reads which classes a plugin registers. An archive that cannot be read registers none. */
export async function readJavaPlugin(path: string, archives: readonly string[]): Promise<JavaPlugin> {
  const classes = new Set<string>()
  for (const archive of archives) {
    for (const name of await registered(archive).catch(() => [])) classes.add(name)
  }
  return { path, classes: [...classes].sort() }
}

/** The warning for one plugin. `isHere` knows the classes that have a plugin of ours. */
export function javaWarning({ path, classes }: JavaPlugin, isHere: (className: string) => boolean): string {
  const what = `plugin.path: ${basename(path)} (${path}) is a Java plugin, which cannot run on Node.js.`
  const here = classes.filter(isHere)
  const missing = classes.filter((one) => !isHere(one))
  const parts = [what]
  if (here.length > 0) {
    parts.push(`A plugin that is here stands in for ${here.join(', ')}: configurations that name it work as they are.`)
  }
  if (missing.length > 0) {
    parts.push(`Nothing here goes by ${missing.join(', ')}: put an npm package with that connector on plugin.path.`)
  }
  if (classes.length === 0) parts.push('See `millrace plugins` for what can be named instead of its classes.')
  return parts.join(' ')
}

/** Class names in the archive's service files. */
async function registered(archive: string): Promise<string[]> {
  const file = await open(archive)
  try {
    const names: string[] = []
    for (const entry of await directory(file)) {
      if (!entry.name.startsWith(SERVICES) || entry.size > LARGEST_LIST) continue
      for (const line of (await content(file, entry)).split('\n')) {
        const name = line.replace(/#.*/, '').trim()
        if (name !== '') names.push(name)
      }
    }
    return names
  } finally {
    await file.close()
  }
}

interface Entry {
  readonly name: string
  readonly deflated: boolean
  readonly size: number
  readonly offset: number
}

async function directory(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat()
  const tail = await read(file, Math.max(0, size - END_BYTES), Math.min(size, END_BYTES))
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== END_MAGIC) end--
  if (end < 0) return []
  const bytes = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  const entries: Entry[] = []
  for (let at = 0; at + 46 <= bytes.length && bytes.readUInt32LE(at) === ENTRY_MAGIC; ) {
    const [name, extra, comment] = [28, 30, 32].map((of) => bytes.readUInt16LE(at + of)) as [number, number, number]
    entries.push({
      name: bytes.toString('utf8', at + 46, at + 46 + name),
      deflated: bytes.readUInt16LE(at + 10) === 8,
      size: bytes.readUInt32LE(at + 20),
      offset: bytes.readUInt32LE(at + 42),
    })
    at += 46 + name + extra + comment
  }
  return entries
}

async function content(file: FileHandle, { deflated, size, offset }: Entry): Promise<string> {
  const head = await read(file, offset, 30)
  const data = await read(file, offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28), size)
  return (deflated ? inflateRawSync(data, { maxOutputLength: LARGEST_LIST }) : data).toString('utf8')
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
