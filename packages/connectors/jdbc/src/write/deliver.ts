// Delivers a batch: retries what may pass, finds the records that never will, and says which they are.
import {
  ConnectException,
  type ErrantRecordReporter,
  type Logger,
  type MaybePromise,
  RetriableException,
  type SinkRecord,
} from '@millrace/api'
import { type SqlConnection, SqlError } from '@millrace/kit-sql'
import { applyAll, BindError, type Task } from './apply.ts'
import type { Session } from './session.ts'

export interface DeliverOptions {
  readonly session: Session
  readonly batchSize: number
  readonly maxRetries: number
  readonly retryDelayMs: number
  readonly log: Logger
  readonly reporter: ErrantRecordReporter | null
  readonly signal: AbortSignal
  /** Asks for the next delivery of the same batch after this time. */
  timeout(ms: number): void
  /** What is known of the tables may be wrong: ask again. */
  forget(): void
  /** What to do with each record; a record left out needs nothing. @throws RecordError, SqlError */
  prepare(connection: SqlConnection, record: SinkRecord): MaybePromise<Task | null>
}

/** A record that cannot be written, whatever is done to the database's connection. */
export class RecordError extends ConnectException {}

/** Writes batches, and counts the retries of the one that fails. */
export class Delivery {
  readonly #options: DeliverOptions
  #retriesLeft: number

  constructor(options: DeliverOptions) {
    this.#options = options
    this.#retriesLeft = options.maxRetries
  }

  /**
   * Writes a batch whole, or what of it can be written when bad records are reported.
   * @throws RetriableException while the same batch should come again, ConnectException when it is no use
   */
  async deliver(records: readonly SinkRecord[]): Promise<void> {
    try {
      const connection = await this.#options.session.connection(this.#options.signal)
      await this.#write(connection, records)
      this.#retriesLeft = this.#options.maxRetries
    } catch (error) {
      throw await this.#judge(error)
    }
  }

  async #write(connection: SqlConnection, records: readonly SinkRecord[]): Promise<void> {
    const { batchSize, reporter } = this.#options
    const tasks: Task[] = []
    for (const record of records) {
      try {
        const made = this.#options.prepare(connection, record)
        // All but the first record of a schema are ready at once.
        const task = made instanceof Promise ? await made : made
        if (task !== null) tasks.push(task)
      } catch (error) {
        if (!(error instanceof RecordError)) throw error
        if (reporter === null) throw error
        // What came before it must be in place before it is given up: its report may be the last thing done.
        await this.#settle(connection, tasks.splice(0))
        await reporter.report(record, error)
      }
    }
    try {
      await applyAll(connection, tasks, batchSize)
    } catch (error) {
      if (!isRecordsFault(error) || !connection.open) throw error
      if (reporter === null) throw await this.#name(connection, tasks, error)
      await this.#halve(connection, tasks, error)
    }
  }

  async #settle(connection: SqlConnection, tasks: readonly Task[]): Promise<void> {
    try {
      await applyAll(connection, tasks, this.#options.batchSize)
    } catch (error) {
      if (!isRecordsFault(error) || !connection.open) throw error
      await this.#halve(connection, tasks, error)
    }
  }

  /** Writes both halves in turn; a half of one record that fails is reported. */
  async #halve(connection: SqlConnection, tasks: readonly Task[], error: unknown): Promise<void> {
    if (tasks.length === 1) {
      const task = tasks[0] as Task
      this.#options.log.warn(`${describe(task.record)} cannot be written to table ${task.plan.table} and is reported`, {
        error,
      })
      await this.#options.reporter?.report(task.record, recordError(task, error))
      return
    }
    const middle = Math.ceil(tasks.length / 2)
    await this.#settle(connection, tasks.slice(0, middle))
    await this.#settle(connection, tasks.slice(middle))
  }

  /** The error with the name of the first record that fails, found by trials that are undone. */
  async #name(connection: SqlConnection, tasks: readonly Task[], error: unknown): Promise<ConnectException> {
    if (error instanceof BindError) return recordError(error.task, error)
    let low = 0
    let high = tasks.length
    let cause = error
    // The first `low` records go; the first `high` do not.
    while (high - low > 1) {
      const middle = (low + high) >> 1
      try {
        await applyAll(connection, tasks.slice(0, middle), this.#options.batchSize, true)
        low = middle
      } catch (failure) {
        if (!isRecordsFault(failure)) throw failure
        high = middle
        cause = failure
      }
    }
    return recordError(tasks[high - 1] as Task, cause)
  }

  async #judge(error: unknown): Promise<unknown> {
    const { session, log, retryDelayMs, maxRetries } = this.#options
    const sql = error instanceof SqlError ? error : null
    if (sql === null && !(error instanceof RetriableException)) return error
    this.#options.forget()
    if (sql === null || sql.kind === 'connection') await session.reset()
    const message = (error as Error).message
    if (this.#retriesLeft <= 0) {
      this.#retriesLeft = maxRetries
      return new ConnectException(`Giving up after ${maxRetries} retries: ${message}`, { cause: error })
    }
    this.#retriesLeft--
    log.warn(
      `The batch could not be written and is tried again in ${retryDelayMs} ms, ${this.#retriesLeft} retries left: ${message}`,
    )
    this.#options.timeout(retryDelayMs)
    return new RetriableException(message, { cause: error })
  }
}

function isRecordsFault(error: unknown): boolean {
  return error instanceof BindError || (error instanceof SqlError && error.kind === 'data')
}

function recordError(task: Task, cause: unknown): RecordError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new RecordError(`${describe(task.record)} cannot be written to table ${task.plan.table}: ${reason}`, { cause })
}

/** Where a record comes from, for messages. */
export function describe(record: SinkRecord): string {
  return `The record of topic ${record.topic}, partition ${record.kafkaPartition}, offset ${record.kafkaOffset}`
}
