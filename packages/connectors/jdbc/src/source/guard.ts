// The late-commit guard. A transaction may take a number or a time, and commit after others with greater ones: a reader that
// has passed those never sees its row. The guard lets a query see only what was there before every such transaction ended:
// it notes how far the table goes, waits until all transactions that run a moment later have ended, and reads up to there.
import type { Cell, SqlConnection } from '@millrace/kit-sql'
import type { QuerierOptions } from './querier.ts'

/**
 * Between taking a number and being seen as a transaction a statement may need a moment: so long after the note the mark is
 * taken.
 */
const PAUSE_MS = 500

/** How far a query may go. */
export interface GuardLimits {
  /** The database's time when the note was made; null without timestamps. */
  readonly now: number | null
  /** The highest number then; null without a number, or with timestamps, which limit the rows themselves. */
  readonly highest: Cell
}

export class LateCommitGuard {
  readonly #options: QuerierOptions
  #noted: (GuardLimits & { readonly at: number }) | null = null
  #mark: string | null = null

  constructor(options: QuerierOptions) {
    this.#options = options
  }

  /** The limits of the next query, or null while transactions must be waited for. */
  async limits(connection: SqlConnection): Promise<GuardLimits | null> {
    const { watch } = this.#options.dialect
    this.#noted ??= await this.#note(connection)
    if (this.#mark === null) {
      if (performance.now() - this.#noted.at < PAUSE_MS) return null
      this.#mark = await watch.mark(connection)
    }
    return (await watch.settled(connection, this.#mark)) ? this.#noted : null
  }

  /** The query is over: what comes next needs a new note. */
  passed(): void {
    this.#noted = null
    this.#mark = null
  }

  async #note(connection: SqlConnection) {
    const { dialect, tracking, select, quote } = this.#options
    const at = performance.now()
    if (tracking !== null && tracking.timestamps.length > 0)
      return { now: await dialect.now(connection), highest: null, at }
    const column = quote(tracking?.incrementing as string)
    const { rows } = await connection.query(`SELECT MAX(${column}) FROM (${select}) AS noted`)
    return { now: null, highest: (rows[0]?.[0] ?? null) as Cell, at }
  }
}
