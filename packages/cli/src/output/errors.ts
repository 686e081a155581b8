// How an error looks on a terminal: one clear message, where, and what to do. Traces only when asked for.
import { ConnectException, errorMessage, stackTrace } from '@millrace/api'

/** Text of an error for people: its message, its causes in one line each, and the action it suggests. */
export function describeError(error: unknown): string {
  const lines = [`millrace: ${errorMessage(error)}`]
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
    // A system error is told by the error around it, in words.
    if (isSystemError(cause) && error instanceof ConnectException) continue
    const message = errorMessage(cause)
    if (!lines.some((line) => line.includes(message))) lines.push(`  because: ${message}`)
  }
  if (error instanceof ConnectException && error.context.action !== undefined) lines.push(`  ${error.context.action}`)
  if (process.env.MILLRACE_TRACE === '1') lines.push(stackTrace(error))
  return lines.join('\n')
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}
