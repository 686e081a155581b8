// Where bytes come from: a file that may grow, shrink or be replaced, or a stream such as standard input.
import { close, constants, fstat, fstatSync, open, read, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { isatty, ReadStream } from 'node:tty'
import { promisify } from 'node:util'

const openFd: (path: string, flags: number) => Promise<number> = promisify(open)
const statFd: (fd: number) => Promise<Stats> = promisify(fstat)
const closeFd: (fd: number) => Promise<void> = promisify(close)

/**
 * What became of the source of an input that has nothing more to give at this time: `open`, more may come;
 * `truncated`, the file is shorter than what was read; `replaced`, another file stands under the path, or the stream
 * has ended and can be opened again.
 */
export type EndState = 'open' | 'truncated' | 'replaced'

/** A source of bytes. One call at a time. */
export interface Input {
  /** Reads into `buffer` from `offset` on, which is less than its length; 0 when there is nothing more at this time. */
  read(buffer: Buffer, offset: number): Promise<number>
  /** To be asked after a read of 0. */
  endState(): Promise<EndState>
  /** Resolves when there may be news, after `ms` at the latest, at once when `signal` aborts. */
  idle(ms: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A regular file, read by position. */
class FileInput implements Input {
  readonly #path: string
  readonly #fd: number
  readonly #identity: Stats
  #position: number

  constructor(path: string, fd: number, identity: Stats, position: number) {
    this.#path = path
    this.#fd = fd
    this.#identity = identity
    this.#position = position
  }

  read(buffer: Buffer, offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, buffer, offset, buffer.length - offset, this.#position, (error, count) => {
        if (error !== null) return reject(error)
        this.#position += count
        resolve(count)
      })
    })
  }

  async endState(): Promise<EndState> {
    if ((await statFd(this.#fd)).size < this.#position) return 'truncated'
    const now = await stat(this.#path).catch(() => null)
    // No file under the path: moved away, and the new one not there yet. Its writer may still append to this one.
    if (now === null) return 'open'
    return now.ino === this.#identity.ino && now.dev === this.#identity.dev ? 'open' : 'replaced'
  }

  idle(ms: number, signal: AbortSignal): Promise<void> {
    return pause(ms, signal)
  }

  close(): Promise<void> {
    // Standard input belongs to the process.
    return this.#fd === 0 ? Promise.resolve() : closeFd(this.#fd)
  }
}

/** A pipe, socket or terminal. */
class StreamInput implements Input {
  readonly #stream: Socket
  readonly #isStdin: boolean
  #error: Error | null = null

  constructor(stream: Socket, isStdin: boolean) {
    this.#stream = stream
    this.#isStdin = isStdin
    stream.on('error', (error) => {
      this.#error = error
    })
    // A worker that has nothing else to do must not be held by input that never comes.
    stream.unref()
  }

  async read(buffer: Buffer, offset: number): Promise<number> {
    if (this.#error !== null) throw this.#error
    const room = buffer.length - offset
    const arrived = this.#stream.readableLength
    // A read without a size also starts the flow of a stream that was never read.
    const bytes = (arrived > room ? this.#stream.read(room) : this.#stream.read()) as Buffer | null
    if (bytes === null) return 0
    const taken = bytes.copy(buffer, offset)
    if (taken < bytes.length) this.#stream.unshift(bytes.subarray(taken))
    return taken
  }

  async endState(): Promise<EndState> {
    return this.#stream.readableEnded && !this.#isStdin ? 'replaced' : 'open'
  }

  idle(ms: number, signal: AbortSignal): Promise<void> {
    return pause(ms, signal, (wake) => {
      this.#stream.on('readable', wake)
      return () => this.#stream.off('readable', wake)
    })
  }

  async close(): Promise<void> {
    if (!this.#isStdin) this.#stream.destroy()
  }
}

/**
 * Opens the file at `path`. Reading of a regular file begins at `resumeAt`, or at 0 when it is shorter than that.
 * @throws the system's error: ENOENT, EACCES, EISDIR and so on
 */
export async function openInput(path: string, resumeAt: number): Promise<{ input: Input; position: number }> {
  // Without O_NONBLOCK, opening a pipe would wait for its writer, in a thread that cannot be called back.
  const fd = await openFd(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await statFd(fd)
    if (stats.isDirectory()) throw Object.assign(new Error(`EISDIR: ${path} is a directory`), { code: 'EISDIR' })
    if (!stats.isFile()) return { input: new StreamInput(new Socket({ fd, writable: false }), false), position: 0 }
    const position = resumeAt > stats.size ? 0 : resumeAt
    return { input: new FileInput(path, fd, stats, position), position }
  } catch (error) {
    await closeFd(fd)
    throw error
  }
}

/**
 * Opens standard input. To be called once in a thread; closing it leaves it open, for it belongs to the process.
 * `process.stdin` is no use here: tasks run in worker threads, where it is empty.
 */
export function standardInput(): Input {
  const stats = fstatSync(0)
  if (stats.isFile()) return new FileInput('/dev/stdin', 0, stats, 0)
  return new StreamInput(isatty(0) ? new ReadStream(0) : new Socket({ fd: 0, writable: false }), true)
}

/** Waits until `listen`'s callback is called, `ms` have passed or `signal` aborts. */
export function pause(
  ms: number,
  signal: AbortSignal,
  listen: (wake: () => void) => () => void = () => () => {},
): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      unlisten()
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal.addEventListener('abort', wake)
    const unlisten = listen(wake)
  })
}
