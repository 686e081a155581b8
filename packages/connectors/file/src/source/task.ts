// Turns lines into records, and follows the file through growth, truncation and replacement.
import {
  ConnectException,
  type ConnectorProps,
  errorMessage,
  type MaybePromise,
  type OffsetMap,
  Schemas,
  SourceRecord,
  SourceTask,
} from '@millrace/api'
import { VERSION } from '../version.ts'
import type { Chunk } from './chunk.ts'
import { FILENAME_FIELD, POSITION_FIELD, SOURCE_CONFIG, type SourceConfig } from './config.ts'
import { type EndState, openInput, pause, standardInput } from './input.ts'
import { LineReader } from './reader.ts'

/** How long a poll waits for a file that does not exist, ms. */
const MISSING_WAIT_MS = 500
/** Bounds of a poll's wait at the end of the file, ms; it doubles while nothing comes. */
const IDLE_WAIT_MS = { least: 5, most: 250 }

/** The reader of standard input: one in each thread, for all tasks that come after one another. */
let stdinReader: LineReader | undefined

/**
 * Reads lines. A line becomes a record when its end has arrived. When the file is truncated or replaced, reading goes
 * on at the beginning of what is there now; a last line without an end is then taken as it is, for no end will come.
 */
export class FileStreamSourceTask extends SourceTask {
  static readonly className = 'org.apache.kafka.connect.file.FileStreamSourceTask'
  readonly version = VERSION
  #config!: SourceConfig
  /** Null for standard input: then there are no offsets. */
  #file: string | null = null
  #partition: OffsetMap | null = null
  #reader: LineReader | null = null
  #resumeAt = 0
  #missing = false
  /** True once a replacement was seen: its writer may still append to the old file, so it is read until it rests. */
  #leaving = false
  #idleWait = IDLE_WAIT_MS.least

  async start(props: ConnectorProps): Promise<void> {
    this.#config = SOURCE_CONFIG.parse(props)
    this.#file = this.#config.file || null
    if (this.#file === null) return
    this.#partition = Object.freeze({ [FILENAME_FIELD]: this.#file })
    this.#resumeAt = committedPosition(await this.context.offsets.offset(this.#partition))
  }

  poll(): MaybePromise<SourceRecord[] | null> {
    const chunk = this.#reader?.chunk ?? null
    return chunk === null || chunk.isEmpty ? this.#pollInput() : this.#records(chunk)
  }

  async stop(): Promise<void> {
    const reader = this.#reader
    this.#reader = null
    // What was read ahead of standard input cannot be read again: the next task takes it over.
    if (reader !== stdinReader) await reader?.close()
  }

  async #pollInput(): Promise<SourceRecord[] | null> {
    const reader = this.#reader ?? (await this.#open())
    if (reader === null) return null
    // The reader of standard input may come with lines that an earlier task left.
    if (reader.chunk !== null && !reader.chunk.isEmpty) return this.#records(reader.chunk)
    while (!this.context.signal.aborted) {
      const next = await this.#next(reader)
      if (next === 'end') return this.#atEnd(reader)
      this.#leaving = false
      this.#idleWait = IDLE_WAIT_MS.least
      if (next === 'partial') continue
      return this.#records(reader.chunk!)
    }
    return null
  }

  async #next(reader: LineReader): Promise<'lines' | 'partial' | 'end'> {
    try {
      return await reader.next()
    } catch (error) {
      if (error instanceof ConnectException) throw error
      throw new ConnectException(`Cannot read ${this.#name}: ${errorMessage(error)}`, { cause: error })
    }
  }

  async #open(): Promise<LineReader | null> {
    if (this.#file === null) {
      stdinReader ??= new LineReader(standardInput(), 0, this.#maxLineBytes, this.#name)
      return this.#use(stdinReader)
    }
    try {
      const { input, position } = await openInput(this.#file, this.#resumeAt)
      if (position !== this.#resumeAt) {
        this.context.log.warn(
          `${this.#file} is shorter than the position to resume at, ${this.#resumeAt}: it was truncated or replaced. Reading it from its beginning`,
        )
      }
      this.#missing = false
      return this.#use(new LineReader(input, position, this.#maxLineBytes, this.#file))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new ConnectException(`Cannot open ${this.#file}: ${errorMessage(error)}`, {
          cause: error,
          configKey: 'file',
          action: 'Check that file names a readable file.',
        })
      }
      if (!this.#missing) this.context.log.warn(`Couldn't find file ${this.#file}, waiting for it to be created`)
      this.#missing = true
      await pause(MISSING_WAIT_MS, this.context.signal)
      return null
    }
  }

  #use(reader: LineReader): LineReader {
    this.#reader = reader
    return reader
  }

  async #atEnd(reader: LineReader): Promise<SourceRecord[] | null> {
    const state = await reader.input.endState()
    if (state === 'truncated' || (state === 'replaced' && this.#leaving)) return this.#startOver(reader, state)
    this.#leaving = state === 'replaced'
    await reader.input.idle(this.#idleWait, this.context.signal)
    this.#idleWait = Math.min(this.#idleWait * 2, IDLE_WAIT_MS.most)
    return null
  }

  /** Leaves the file as it was read so far, for the beginning of what is there now. */
  async #startOver(reader: LineReader, state: EndState): Promise<SourceRecord[] | null> {
    this.context.log.info(`${this.#name} was ${state}; reading goes on at the beginning of what is there now`)
    const rest = reader.rest()
    this.#reader = null
    this.#leaving = false
    this.#resumeAt = 0
    await reader.close()
    // Position 0: all of the old file is taken, and the new one begins.
    return rest === null ? null : [this.#record(rest, 0, Date.now())]
  }

  #records(chunk: Chunk): SourceRecord[] {
    const now = Date.now()
    return chunk.take(this.#config['batch.size'], (line, end) => this.#record(line, end, now))
  }

  #record(line: string, position: number, timestamp: number): SourceRecord {
    const sourcePartition = this.#partition
    return new SourceRecord({
      sourcePartition,
      sourceOffset: sourcePartition === null ? null : { [POSITION_FIELD]: position },
      topic: this.#config.topic,
      valueSchema: Schemas.STRING,
      value: line,
      timestamp,
    })
  }

  get #name(): string {
    return this.#file ?? 'standard input'
  }
  get #maxLineBytes(): number {
    return this.#config['max.line.bytes']
  }
}

function committedPosition(offset: OffsetMap | null): number {
  const position = offset?.[POSITION_FIELD] ?? 0
  const number = typeof position === 'bigint' ? Number(position) : position
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new ConnectException(
    `Offset position is the incorrect type: expected a non-negative integer, but was ${number}`,
    {
      action: 'Alter or reset the offsets of the connector.',
    },
  )
}
