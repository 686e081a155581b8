// Lines of JSON that survive kill -9: every call has handed its lines to the system when it returns.
import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { ConnectException, errorMessage, RetriableException } from '@millrace/api'

const STDOUT = 1
const LF = 10
const RETRY_FULL_PIPE_MS = 2

/**
 * Appends JSON lines to a file, or to standard output as the reference does. Writes are synchronous on purpose: when a
 * record is reported, its line must not be in this process's memory only.
 */
export class Journal {
  readonly #file: string | null
  readonly #fd: number

  /** @throws ConnectException when the file cannot be opened */
  constructor(file: string | null) {
    this.#file = file
    try {
      this.#fd = file === null ? STDOUT : openSync(file, 'a+')
    } catch (cause) {
      throw new ConnectException(`Cannot open ${file} for appending: ${errorMessage(cause)}`, {
        cause,
        configKey: 'file',
      })
    }
  }

  /** Writes each entry as a line. @throws RetriableException when they could not be written whole; then write all of them again */
  write(entries: readonly object[]): void {
    if (entries.length === 0) return
    // Looked at each time: other tasks append to the same file, and may have left half a line on a full disk. Readers skip it.
    let text = this.#file !== null && endsInsideLine(this.#fd) ? '\n' : ''
    for (const entry of entries) text += `${JSON.stringify(entry)}\n`
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.#fd, bytes, at)
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') {
          throw new RetriableException(`Cannot write to ${this.#file ?? 'standard output'}: ${errorMessage(cause)}`, {
            cause,
          })
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_FULL_PIPE_MS)
      }
    }
  }

  /** Returns when everything is on disk. */
  sync(): void {
    if (this.#file !== null) fdatasyncSync(this.#fd)
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#fd)
  }
}

function endsInsideLine(fd: number): boolean {
  const { size } = fstatSync(fd)
  const last = Buffer.alloc(1)
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== LF
}
