// Source offsets of a standalone worker, in one file that survives a kill at any moment.
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ConnectException, errorMessage, type Logger, type OffsetMap, type PartitionOffset } from '@millrace/api'
import { isJavaOffsetFile, readJavaOffsets } from './java-offsets.ts'
import { decodeLog, encodeCommit, HEADER, type OffsetChange } from './offset-file.ts'
import { partitionKey } from './offset-json.ts'
import type { OffsetStore, StoredOffset } from './offset-store.ts'

/** The log is rewritten when it is this many times as long as what it says, and longer than {@link COMPACT_FROM}. */
const COMPACT_RATIO = 4
const COMPACT_FROM = 1024 * 1024

interface Pending {
  readonly changes: readonly OffsetChange[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Appends commits to a log, several at once when they come at once, each durable before its promise resolves. */
export class FileOffsetStore implements OffsetStore {
  readonly #path: string
  readonly #log: Logger
  readonly #live = new Map<string, OffsetChange & { readonly offset: OffsetMap }>()
  #file: FileHandle | undefined
  /** Bytes of the file that are whole commits. */
  #length = 0
  /** Length of the file when it was last written anew. */
  #compacted = 0
  #pending: Pending[] = []
  #writing: Promise<void> | undefined
  /** After a failed append the file may end in a torn line: it is written anew before anything else. */
  #torn = false

  constructor(path: string, log: Logger) {
    this.#path = path
    this.#log = log
  }

  async start(): Promise<void> {
    const bytes = await this.#read()
    if (isJavaOffsetFile(bytes)) await this.#import(bytes)
    else {
      const { commits, length } = decodeLog(bytes, this.#path)
      for (const commit of commits) this.#apply(commit)
      if (length < bytes.length) {
        this.#log.warn(
          `The last commit in ${this.#path} was not finished and is left out (${bytes.length - length} bytes).`,
        )
      }
    }
    await this.#compact().catch((error: unknown) => {
      throw this.#unwritable(error)
    })
  }

  async read(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return partitions.map((partition) => this.#live.get(partitionKey(connector, partition))?.offset ?? null)
  }

  async list(connector: string): Promise<readonly StoredOffset[]> {
    return [...this.#live.values()].filter((one) => one.connector === connector)
  }

  write(connector: string, offsets: readonly PartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return Promise.resolve()
    if (this.#file === undefined)
      return Promise.reject(new ConnectException(`The offset file ${this.#path} is closed.`))
    const changes = offsets.map((one) => ({ connector, partition: one.partition, offset: one.offset }))
    const done = new Promise<void>((resolve, reject) => this.#pending.push({ changes, resolve, reject }))
    this.#writing ??= this.#drain()
    return done
  }

  async stop(): Promise<void> {
    await this.#writing
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending
      this.#pending = []
      try {
        await this.#append(batch.flatMap((one) => one.changes))
        for (const one of batch) one.resolve()
      } catch (error) {
        this.#torn = true
        const failure = this.#unwritable(error)
        for (const one of batch) one.reject(failure)
      }
    }
    this.#writing = undefined
  }

  async #append(changes: readonly OffsetChange[]): Promise<void> {
    const line = encodeCommit(changes)
    if (this.#torn || this.#length > Math.max(COMPACT_FROM, COMPACT_RATIO * this.#compacted)) await this.#compact()
    const file = this.#file as FileHandle
    await writeAll(file, line, this.#length)
    await file.datasync()
    this.#length += line.length
    this.#apply(changes)
  }

  #apply(changes: readonly OffsetChange[]): void {
    for (const { connector, partition, offset } of changes) {
      const key = partitionKey(connector, partition)
      if (offset === null) this.#live.delete(key)
      else this.#live.set(key, { connector, partition, offset })
    }
  }

  /** Writes all live offsets to a new file and puts it in place of the old one. */
  async #compact(): Promise<void> {
    const live = [...this.#live.values()]
    const bytes = live.length === 0 ? Buffer.from(HEADER) : Buffer.concat([Buffer.from(HEADER), encodeCommit(live)])
    const temporary = join(dirname(this.#path), `.${basename(this.#path)}.new`)
    const file = await open(temporary, 'w', 0o600)
    try {
      await writeAll(file, bytes, 0)
      await file.datasync()
      await rename(temporary, this.#path)
      await syncFolder(dirname(this.#path))
    } catch (error) {
      await file.close()
      await rm(temporary, { force: true })
      throw error
    }
    const old = this.#file
    this.#file = file
    this.#length = this.#compacted = bytes.length
    this.#torn = false
    await old?.close()
  }

  async #import(bytes: Buffer): Promise<void> {
    const changes = readJavaOffsets(bytes, this.#path)
    const copy = `${this.#path}.java`
    await writeFile(copy, bytes)
    this.#apply(changes)
    this.#log.info(
      `Took over ${changes.length} offsets of Kafka Connect from ${this.#path}; the old file is kept as ${copy}.`,
    )
  }

  async #read(): Promise<Buffer> {
    try {
      return await readFile(this.#path)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
      throw new ConnectException(`Cannot read the offset file ${this.#path}: ${errorMessage(error)}`, {
        cause: error,
        configKey: 'offset.storage.file.filename',
      })
    }
  }

  #unwritable(error: unknown): ConnectException {
    return new ConnectException(
      `Cannot write the offset file ${this.#path}: ${errorMessage(error)}. Make its folder writable, or free space.`,
      { cause: error, configKey: 'offset.storage.file.filename' },
    )
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

/** Makes a rename durable. Some platforms cannot open folders; there it is left to the system. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    await folder.sync().finally(() => folder.close())
  } catch {
    // Nothing more can be done, and nothing is lost unless the machine itself fails now.
  }
}
