// What went wrong in a database, in one shape for all drivers.
import { errorMessage } from '@millrace/api'

/**
 * What an error means for the one who asked:
 * `connection`: the connection is gone, or was never made; `transient`: the same may work later (deadlock, serialization,
 * a lock not had in time, a parent row that may still come); `data`: this row will never fit; `structure`: a table or column
 * is missing or may not be used; `other`: unknown.
 */
export type SqlErrorKind = 'connection' | 'transient' | 'data' | 'structure' | 'other'

/** An error of a database or its driver. The message is the database's own, with its code. */
export class SqlError extends Error {
  readonly kind: SqlErrorKind
  /** SQLSTATE, or the driver's own code where there is none. */
  readonly sqlState: string
  override readonly name = 'SqlError'

  constructor(kind: SqlErrorKind, sqlState: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.sqlState = sqlState
  }
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
])

/** The code of a failed socket anywhere in the chain of causes, or undefined. */
export function networkCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = (at as NodeJS.ErrnoException).code
    if (code !== undefined && NETWORK.has(code)) return code
    const inner = (at as Partial<AggregateError>).errors?.[0]
    if (inner !== undefined) return networkCode(inner)
  }
  return undefined
}

/** Kind of a SQLSTATE, by its class and by what is known of single codes (SQL:2016 part 2, 24.1; PostgreSQL appendix A). */
export function kindOfSqlState(state: string): SqlErrorKind {
  if (state === '23503') return 'transient'
  if (/^(40|55P03|53|57014|25006)/.test(state)) return 'transient'
  if (/^(08|57P0|58)/.test(state)) return 'connection'
  if (/^(22|23|21)/.test(state)) return 'data'
  if (/^(42804|42846)/.test(state)) return 'data'
  if (/^(42|3D|3F|0A)/.test(state)) return 'structure'
  return 'other'
}

/** Wraps what a driver threw. */
export function toSqlError(error: unknown, kind: SqlErrorKind, state: string): SqlError {
  if (error instanceof SqlError) return error
  return new SqlError(kind, state, `${errorMessage(error)}${state === '' ? '' : ` [${state}]`}`, error)
}
