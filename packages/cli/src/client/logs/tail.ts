// Lines of files, and those that come later: over rotation and truncation, and of several files at once.
import { type FileHandle, open, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as pause } from 'node:timers/promises'
import { errorMessage } from '@millrace/api'
import { ExitCode } from '../../exit-codes.ts'
import { ClientError } from '../client-error.ts'

const POLL_MS = 200
const CHUNK = 256 * 1024

/** A file that is read to its end, and further when it grows. Named `-`, it is standard input. */
export class TailedFile {
  readonly path: string
  #file: FileHandle | undefined
  #inode = 0
  #position = 0
  #rest = ''
  #decoder = new StringDecoder('utf8')

  constructor(path: string) {
    this.path = path
  }

  /** Gives every whole line there is by now. @throws ClientError for a file that cannot be read */
  async drain(take: (line: string) => void): Promise<void> {
    try {
      if (this.#file === undefined) await this.#open()
      await this.#readOn(take)
      if (await this.#replaced()) {
        await this.#file?.close()
        await this.#open()
        await this.#readOn(take)
      }
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      // Between the old file's going and the new one's coming there is none.
      if (missing && this.#inode !== 0) return
      throw new ClientError(
        ExitCode.START,
        `Cannot read the log ${this.path}: ${missing ? 'there is no such file.' : errorMessage(error)}`,
        { cause: error },
      )
    }
  }

  /** Gives what stands after the last line feed, and closes. */
  async end(take: (line: string) => void): Promise<void> {
    if (this.#rest !== '') take(this.#rest)
    await this.#file?.close()
  }

  async #open(): Promise<void> {
    this.#file = await open(this.path, 'r')
    this.#inode = (await this.#file.stat()).ino
    this.#position = 0
    this.#rest = ''
    this.#decoder = new StringDecoder('utf8')
  }

  async #readOn(take: (line: string) => void): Promise<void> {
    const buffer = Buffer.allocUnsafe(CHUNK)
    if ((await this.#file!.stat()).size < this.#position) {
      this.#position = 0
      this.#rest = ''
    }
    for (;;) {
      const { bytesRead } = await this.#file!.read(buffer, 0, CHUNK, this.#position)
      if (bytesRead === 0) return
      this.#position += bytesRead
      const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, bytesRead))).split('\n')
      this.#rest = lines.pop()!
      for (const line of lines) take(line)
    }
  }

  async #replaced(): Promise<boolean> {
    return (await stat(this.path)).ino !== this.#inode
  }
}

/** What takes lines. */
export interface LineTaker {
  line(text: string, path: string): void
  /** All that was there has been given; what comes now is new. */
  caughtUp(): void
}

/** Gives the lines of all files, file by file, then with `follow` those that come, until `signal`. */
export async function readLogs(
  paths: readonly string[],
  follow: boolean,
  signal: AbortSignal,
  taker: LineTaker,
): Promise<void> {
  const files = paths.filter((path) => path !== '-').map((path) => new TailedFile(path))
  for (const file of files) await file.drain((line) => taker.line(line, file.path))
  if (!paths.includes('-')) taker.caughtUp()
  // Standard input ends by itself, whether it is followed or not.
  const input = paths.includes('-') ? readInput(signal, (line) => taker.line(line, '-')) : undefined
  if (follow && files.length > 0) {
    while (!signal.aborted) {
      await pause(POLL_MS, undefined, { signal }).catch(() => {})
      for (const file of files) await file.drain((line) => taker.line(line, file.path))
    }
  }
  for (const file of files) await file.end((line) => taker.line(line, file.path))
  await input
  taker.caughtUp()
}

async function readInput(signal: AbortSignal, take: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: process.stdin, signal })
  for await (const line of lines) take(line)
}
