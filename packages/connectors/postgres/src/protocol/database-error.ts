// The server's errors, as it sends them. https://www.postgresql.org/docs/current/protocol-error-fields.html

/** An error with which the server answered. `code` is its SQLSTATE. */
export interface DatabaseError extends Error {
  readonly code: string
  readonly severity: string
  readonly detail: string | undefined
  readonly hint: string | undefined
}

/** Reads the fields of an ErrorResponse. */
export function databaseError(payload: Buffer): DatabaseError {
  const fields = new Map<string, string>()
  for (let at = 0; at < payload.length && payload[at] !== 0; ) {
    const end = payload.indexOf(0, at)
    fields.set(String.fromCharCode(payload[at] as number), payload.toString('utf8', at + 1, end))
    at = end + 1
  }
  return Object.assign(new Error(fields.get('M') ?? 'The server reported an error'), {
    name: 'DatabaseError',
    code: fields.get('C') ?? '',
    severity: fields.get('V') ?? fields.get('S') ?? 'ERROR',
    detail: fields.get('D'),
    hint: fields.get('H'),
  })
}

/** The SQLSTATE of an error of the server, however it came. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}
