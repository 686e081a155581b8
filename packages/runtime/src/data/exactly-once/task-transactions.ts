// What a task asks for its transactions, until the loop comes to it.
import { ConnectException, type SourceRecord, type TransactionContext } from '@millrace/api'
import type { Verdict } from './boundary.ts'

/** The task contradicts itself. */
class IllegalStateException extends ConnectException {
  static override readonly className: string = 'java.lang.IllegalStateException'
}

/** Records are meant as the objects that the task returns from its poll; the reference takes an equal one for the same. */
export class TaskTransactions implements TransactionContext {
  readonly #commitAt = new Set<SourceRecord>()
  readonly #abortAt = new Set<SourceRecord>()
  #commitBatch = false
  #abortBatch = false

  commitTransaction(record?: SourceRecord): void {
    if (record === undefined) this.#commitBatch = true
    else this.#commitAt.add(required(record))
  }
  abortTransaction(record?: SourceRecord): void {
    if (record === undefined) this.#abortBatch = true
    else this.#abortAt.add(required(record))
  }

  get asksForRecords(): boolean {
    return this.#commitAt.size > 0 || this.#abortAt.size > 0
  }
  asksFor(record: SourceRecord): boolean {
    return this.#commitAt.has(record) || this.#abortAt.has(record)
  }
  /** What was asked for at a record; it is asked for no more. @throws IllegalStateException for both: the task would not notice otherwise */
  takeFor(record: SourceRecord): Verdict {
    const commit = this.#commitAt.has(record)
    const abort = this.#abortAt.has(record)
    if (commit && abort) {
      throw new IllegalStateException(
        `Connector requested both commit and abort of same record against topic/partition ${record.topic}/${record.kafkaPartition}`,
      )
    }
    this.#commitAt.delete(record)
    this.#abortAt.delete(record)
    return abort ? 'abort' : commit ? 'commit' : 'go on'
  }
  /** What was asked for at the end of the batch. @throws IllegalStateException for both */
  takeForBatch(): Verdict {
    const commit = this.#commitBatch
    const abort = this.#abortBatch
    if (commit && abort) {
      throw new IllegalStateException('Connector requested both commit and abort of same transaction')
    }
    this.#commitBatch = this.#abortBatch = false
    return abort ? 'abort' : commit ? 'commit' : 'go on'
  }
}

function required(record: SourceRecord): SourceRecord {
  if (record === null) throw new TypeError('Source record used to define transaction boundaries may not be null')
  return record
}
