// Writes the text of each record's value as a line.
import { close, fstat, open, type Stats } from 'node:fs'
import { open as openHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import {
  ConnectException,
  type ConnectorProps,
  errorMessage,
  type MaybePromise,
  OffsetsByPartition,
  RetriableException,
  type SinkRecord,
  SinkTask,
  valueToString,
} from '@millrace/api'
import { VERSION } from '../version.ts'
import { SINK_CONFIG } from './config.ts'
import { isPlain } from './plain-text.ts'
import { LineWriter, PIECE_CHARS } from './writer.ts'

const openFd: (path: string, flags: string) => Promise<number> = promisify(open)
const statFd: (fd: number) => Promise<Stats> = promisify(fstat)
const closeFd: (fd: number) => Promise<void> = promisify(close)

const STDOUT = 1
const LF = 10
/** Failures that pass when somebody makes room. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EINTR', 'ENOBUFS', 'ENOMEM'])

/** Appends `String.valueOf(value)` of each record and a line feed, as the reference does: a null value is the text `null`. */
export class FileStreamSinkTask extends SinkTask {
  static readonly className = 'org.apache.kafka.connect.file.FileStreamSinkTask'
  readonly version = VERSION
  #file: string | null = null
  #fd = STDOUT
  #writer: LineWriter | null = null
  #durable = false

  async start(props: ConnectorProps): Promise<void> {
    this.#file = SINK_CONFIG.parse(props).file || null
    if (this.#file !== null) await this.#open(this.#file)
    this.#writer ??= new LineWriter(this.#fd)
  }

  put(records: readonly SinkRecord[]): MaybePromise<void> {
    const writer = this.#writer!
    const recovered = writer.recover()
    if (recovered === undefined) return take(writer, records)
    return recovered.then(
      () => take(writer, records),
      (error) => {
        throw this.#wrap(error)
      },
    )
  }

  /** Everything put so far is on disk, or, while the disk is full, nothing may be committed. */
  override async preCommit(offsets: OffsetsByPartition): Promise<OffsetsByPartition> {
    try {
      await this.#writer?.flush(this.#durable)
      return offsets
    } catch (error) {
      const wrapped = this.#wrap(error)
      if (!wrapped.retriable) throw wrapped
      this.context.log.warn(`${wrapped.message}. No offsets are committed until it can be written`)
      return new OffsetsByPartition()
    }
  }

  async stop(): Promise<void> {
    const writer = this.#writer
    this.#writer = null
    try {
      await writer?.flush(false)
    } catch (error) {
      this.context.log.warn(
        `${this.#wrap(error).message}. What is not written was not committed either: it will be delivered again`,
      )
    } finally {
      if (this.#fd !== STDOUT) await closeFd(this.#fd)
      this.#fd = STDOUT
    }
  }

  async #open(file: string): Promise<void> {
    try {
      this.#fd = await openFd(file, 'a')
      const stats = await statFd(this.#fd)
      this.#durable = stats.isFile()
      this.#writer = new LineWriter(this.#fd)
      if (this.#durable && (await endsInsideLine(file, stats.size))) {
        this.context.log.warn(`${file} ends inside a line, as after a crash during a write: the line is ended here`)
        this.#writer.add('\n')
      }
    } catch (error) {
      throw new ConnectException(
        `Couldn't find or create file '${file}' for FileStreamSinkTask: ${errorMessage(error)}`,
        {
          cause: error,
          configKey: 'file',
          action: 'Check that its folder exists and that the worker may write there.',
        },
      )
    }
  }

  #wrap(error: unknown): ConnectException {
    const type = PASSING.has((error as NodeJS.ErrnoException).code ?? '') ? RetriableException : ConnectException
    return new type(`Cannot write to ${this.#file ?? 'standard output'}: ${errorMessage(error)}`, { cause: error })
  }
}

function take(writer: LineWriter, records: readonly SinkRecord[]): void | Promise<void> {
  let text = ''
  for (const record of records) {
    const value = record.value
    if (record.valueSchema === null && isPlain(value)) {
      writer.add(text)
      text = ''
      writer.addPlain(value)
      continue
    }
    text += typeof value === 'string' ? value : valueToString(value, record.valueSchema)
    text += '\n'
    if (text.length >= PIECE_CHARS) {
      writer.add(text)
      text = ''
    }
  }
  writer.add(text)
  return writer.push()
}

/** Whether the last byte of the file is something other than a line feed. A file that grows meanwhile has a writer, who ends the line. */
async function endsInsideLine(file: string, size: number): Promise<boolean> {
  if (size === 0) return false
  const handle = await openHandle(file, 'r').catch(() => null)
  if (handle === null) return false
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
    const inside = bytesRead === 1 && buffer[0] !== LF
    return inside && (await handle.stat()).size === size
  } finally {
    await handle.close()
  }
}
