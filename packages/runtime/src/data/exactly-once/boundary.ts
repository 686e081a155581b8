// Where transactions end: after each batch, at an interval, or where the connector says (KIP-618).
import type { SourceRecord, TransactionContext } from '@millrace/api'
import { TaskTransactions } from './task-transactions.ts'

/** What happens to a transaction at a place. */
export type Verdict = 'go on' | 'commit' | 'abort'

/** Decides over one task's transactions. */
export interface TransactionBoundary {
  /** What the task is given, if it decides itself. */
  readonly context: TransactionContext | null
  /** The loop begins, or goes on after a pause. */
  begin(): void
  /** Index behind the next record from `from` on that may end the transaction; the batch's length if none does. */
  until(records: readonly SourceRecord[], from: number): number
  /** @throws IllegalStateException when the task asked for both */
  afterRecord(record: SourceRecord): Verdict
  /** @throws IllegalStateException when the task asked for both */
  afterBatch(): Verdict
  /** The task stops or pauses. */
  atEnd(): Verdict
}

/** Values of `transaction.boundary`. */
export type BoundaryKind = 'poll' | 'interval' | 'connector'

/** Makes a boundary. `intervalMs` is read for the interval only. */
export function transactionBoundary(kind: BoundaryKind, intervalMs: number): TransactionBoundary {
  if (kind === 'connector') return new ConnectorBoundary()
  return kind === 'interval' ? new IntervalBoundary(intervalMs) : POLL
}

const ALL = {
  context: null,
  until: (records: readonly SourceRecord[]) => records.length,
  afterRecord: (): Verdict => 'go on',
  atEnd: (): Verdict => 'commit',
}

const POLL: TransactionBoundary = { ...ALL, begin: () => {}, afterBatch: () => 'commit' }

class IntervalBoundary implements TransactionBoundary {
  readonly context = ALL.context
  readonly until = ALL.until
  readonly afterRecord = ALL.afterRecord
  readonly atEnd = ALL.atEnd
  readonly #intervalMs: number
  #last = 0

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }
  begin(): void {
    this.#last = performance.now()
  }
  afterBatch(): Verdict {
    const now = performance.now()
    if (now < this.#last + this.#intervalMs) return 'go on'
    this.#last = now
    return 'commit'
  }
}

class ConnectorBoundary implements TransactionBoundary {
  readonly context = new TaskTransactions()

  begin(): void {}
  until(records: readonly SourceRecord[], from: number): number {
    if (!this.context.asksForRecords) return records.length
    for (let at = from; at < records.length; at++) {
      if (this.context.asksFor(records[at] as SourceRecord)) return at + 1
    }
    return records.length
  }
  afterRecord(record: SourceRecord): Verdict {
    return this.context.takeFor(record)
  }
  afterBatch(): Verdict {
    return this.context.takeForBatch()
  }
  atEnd(): Verdict {
    return this.context.takeForBatch()
  }
}
