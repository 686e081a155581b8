// What the sinks' tasks have in common: a session with the database, and batches delivered through it.
import { type MaybePromise, type SinkRecord, SinkTask } from '@millrace/api'
import type { SqlConnection } from '@millrace/kit-sql'
import { VERSION } from '../version.ts'
import type { Task } from './apply.ts'
import { Delivery } from './deliver.ts'
import type { Session } from './session.ts'

/** How batches are cut and tried again. */
export interface DeliveryLimits {
  readonly batchSize: number
  readonly maxRetries: number
  readonly retryDelayMs: number
}

/** A task that writes to tables. Its `start` calls {@link begin}. */
export abstract class TableSinkTask extends SinkTask {
  readonly version = VERSION
  #session: Session | null = null
  #delivery: Delivery | null = null

  /** What is done with a record; null leaves it out. @throws RecordError when it cannot be written */
  protected abstract prepare(connection: SqlConnection, record: SinkRecord): MaybePromise<Task | null>
  /** What is known of tables may be out of date. */
  protected abstract forget(): void

  protected begin(session: Session, limits: DeliveryLimits): void {
    const { context } = this
    this.#session = session
    this.#delivery = new Delivery({
      session,
      ...limits,
      log: context.log,
      reporter: context.errantRecordReporter,
      signal: context.signal,
      timeout: (ms) => context.timeout(ms),
      forget: () => this.forget(),
      prepare: (connection, record) => this.prepare(connection, record),
    })
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length > 0) await this.#delivery?.deliver(records)
  }

  async stop(): Promise<void> {
    const session = this.#session
    this.#session = null
    this.#delivery = null
    await session?.reset()
  }
}
